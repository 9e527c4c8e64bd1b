package io.turnpike.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Optional;

import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

import io.netty.channel.Channel;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;

/**
 * DTLS 1.2 under the protocol (RFC 8489 section 6.2.3, RFC 7350), offering the application protocol {@code stun.turn} (RFC
 * 7443). Immutable: each method gives a changed copy.
 */
public final class DtlsSecurity implements ConnectionSecurity {

    private static final String VERSION = "DTLSv1.2";
    private static final String[] PROTOCOLS = {"stun.turn"};

    private final Trust trust;
    private final Optional<Path> authority;
    private final Optional<String> serverName;

    private DtlsSecurity(Trust trust, Optional<Path> authority, Optional<String> serverName) {
        this.trust = trust;
        this.authority = authority;
        this.serverName = serverName;
    }

    private enum Trust {
        SYSTEM, AUTHORITY, ANYONE
    }

    /** Trusts the authorities of the JDK, and wants a certificate for the server's host. */
    public static DtlsSecurity system() {
        return new DtlsSecurity(Trust.SYSTEM, Optional.empty(), Optional.empty());
    }

    /** Trusts the authorities of a PEM file, and wants a certificate for the server's host. */
    public static DtlsSecurity trusting(Path authority) {
        return new DtlsSecurity(Trust.AUTHORITY, Optional.of(authority), Optional.empty());
    }

    /** Trusts anyone: encrypted, but who is at the other end nobody knows. For tests. */
    public static DtlsSecurity insecure() {
        return new DtlsSecurity(Trust.ANYONE, Optional.empty(), Optional.empty());
    }

    /** Asks for this host name (RFC 6066 section 3), and wants a certificate for it, instead of the server's host. */
    public DtlsSecurity serverName(String name) {
        return new DtlsSecurity(trust, authority, Optional.of(name));
    }

    @Override
    public void install(Channel channel, InetSocketAddress server) {
        channel.pipeline().addLast(new DatagramUnwrapHandler(), new DtlsClientHandler(engine(server)));
    }

    @Override
    public Future<Channel> established(Channel channel) {
        Promise<Channel> established = channel.eventLoop().newPromise();
        channel.pipeline().get(DtlsClientHandler.class).handshake().addListener(handshake -> {
            if (handshake.isSuccess()) {
                established.setSuccess(channel);
            } else {
                established.setFailure(handshake.cause());
            }
        });
        return established;
    }

    private SSLEngine engine(InetSocketAddress server) {
        try {
            SSLContext context = SSLContext.getInstance(VERSION);
            context.init(null, switch (trust) {
                case SYSTEM -> null;
                case AUTHORITY -> authorities().getTrustManagers();
                case ANYONE -> InsecureTrustManagerFactory.INSTANCE.getTrustManagers();
            }, null);
            SSLEngine engine = context.createSSLEngine(serverName.orElseGet(server::getHostString), server.getPort());
            engine.setUseClientMode(true);
            engine.setSSLParameters(parameters(engine.getSSLParameters()));
            return engine;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("DTLS cannot be spoken: " + e.getMessage(), e);
        }
    }

    private SSLParameters parameters(SSLParameters parameters) {
        parameters.setProtocols(new String[]{VERSION});
        parameters.setApplicationProtocols(PROTOCOLS);
        // Whoever trusts anyone does not care for names either.
        parameters.setEndpointIdentificationAlgorithm(trust == Trust.ANYONE ? null : "HTTPS");
        serverName.filter(name -> !NetUtil.isValidIpV4Address(name) && !NetUtil.isValidIpV6Address(name))
                .ifPresent(name -> parameters.setServerNames(List.of(new SNIHostName(name))));
        return parameters;
    }

    private TrustManagerFactory authorities() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream pem = Files.newInputStream(authority.orElseThrow())) {
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                store.setCertificateEntry(Integer.toString(store.size()), each);
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }
}
