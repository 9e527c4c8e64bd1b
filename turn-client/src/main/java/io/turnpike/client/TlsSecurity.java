package io.turnpike.client;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import javax.net.ssl.SSLException;

import io.netty.channel.Channel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.Future;

/**
 * TLS 1.2 and 1.3 under the protocol (RFC 8489 section 6.2.3), offering the application protocol {@code stun.turn} (RFC
 * 7443). Immutable: each method gives a changed copy.
 */
public final class TlsSecurity implements ConnectionSecurity {

    private static final long HANDSHAKE_MILLIS = 20_000;
    private static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");
    private static final List<String> PROTOCOLS = List.of("stun.turn");

    private final Trust trust;
    private final Optional<Path> authority;
    private final Optional<String> serverName;
    private final List<String> protocols;
    private final List<String> versions;

    private TlsSecurity(Trust trust, Optional<Path> authority, Optional<String> serverName, List<String> protocols,
            List<String> versions) {
        this.trust = trust;
        this.authority = authority;
        this.serverName = serverName;
        this.protocols = protocols;
        this.versions = versions;
    }

    private enum Trust {
        SYSTEM, AUTHORITY, ANYONE
    }

    /** Trusts the authorities of the JDK, and wants a certificate for the server's host. */
    public static TlsSecurity system() {
        return new TlsSecurity(Trust.SYSTEM, Optional.empty(), Optional.empty(), PROTOCOLS, VERSIONS);
    }

    /** Trusts the authorities of a PEM file, and wants a certificate for the server's host. */
    public static TlsSecurity trusting(Path authority) {
        return new TlsSecurity(Trust.AUTHORITY, Optional.of(authority), Optional.empty(), PROTOCOLS, VERSIONS);
    }

    /** Trusts anyone: encrypted, but who is at the other end nobody knows. For tests. */
    public static TlsSecurity insecure() {
        return new TlsSecurity(Trust.ANYONE, Optional.empty(), Optional.empty(), PROTOCOLS, VERSIONS);
    }

    /** Asks for this host name (RFC 6066 section 3), and wants a certificate for it, instead of the server's host. */
    public TlsSecurity serverName(String name) {
        return new TlsSecurity(trust, authority, Optional.of(name), protocols, versions);
    }

    /** Offers these application protocols; none sends no ALPN extension. */
    public TlsSecurity applicationProtocols(String... names) {
        return new TlsSecurity(trust, authority, serverName, List.of(names), versions);
    }

    /** Speaks only these versions, as the JDK calls them. */
    public TlsSecurity versions(String... names) {
        return new TlsSecurity(trust, authority, serverName, protocols, List.of(names));
    }

    @Override
    public void install(Channel channel, InetSocketAddress server) {
        String host = serverName.orElseGet(server::getHostString);
        try {
            SslHandler handler = context().newHandler(channel.alloc(), host, server.getPort());
            handler.setHandshakeTimeoutMillis(HANDSHAKE_MILLIS);
            channel.pipeline().addLast(handler);
        } catch (SSLException e) {
            throw new IllegalStateException("TLS cannot be spoken: " + e.getMessage(), e);
        }
    }

    @Override
    public Future<Channel> established(Channel channel) {
        return channel.pipeline().get(SslHandler.class).handshakeFuture();
    }

    private SslContext context() throws SSLException {
        SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK).protocols(versions)
                .endpointIdentificationAlgorithm("HTTPS");
        switch (trust) {
            case SYSTEM -> {
            }
            case AUTHORITY -> builder.trustManager(authority.orElseThrow().toFile());
            // Whoever trusts anyone does not care for names either.
            case ANYONE -> builder.trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .endpointIdentificationAlgorithm(null);
        }
        if (!protocols.isEmpty()) {
            builder.applicationProtocolConfig(new ApplicationProtocolConfig(Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE, SelectedListenerFailureBehavior.ACCEPT, protocols));
        }
        return builder.build();
    }
}
