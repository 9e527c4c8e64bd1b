package io.turnpike.node.transport.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;

/**
 * The TLS library's contexts, one for each certificate: TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers
 * only (RFC 8489 section 6.2.3, BCP 195). Thread-safe: connections begin on event loops while another thread reloads.
 *
 * <p>Sessions are not resumed: a call makes one connection that lives as long as it does, and tickets would need keys
 * shared and rotated over the cluster to be of use on the node that the client finds next.
 */
final class TlsContexts implements CertificateUser, AutoCloseable {
    /** RFC 7443 section 3. */
    static final List<String> APPLICATION_PROTOCOLS = List.of("stun.turn", "stun.nat-discovery");

    private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};
    private static final List<String> CIPHER_SUITES = List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");
    /** How long the last bytes may take to leave when a connection is closed. */
    private static final long CLOSE_FLUSH_MILLIS = 1_000;

    static {
        // The JDK's TLS 1.2 would begin a new handshake whenever a client asks, which costs the client nothing. It can
        // be told so only here, before its first server handshake. BoringSSL never does it.
        if (System.getProperty("jdk.tls.rejectClientInitiatedRenegotiation") == null) {
            System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
        }
    }

    private final SslProvider provider;
    private final Certificates certificates;
    private final long handshakeMillis;
    private final Map<TlsMaterial, SslContext> contexts = new IdentityHashMap<>();

    TlsContexts(SslProvider provider, Certificates certificates, Duration handshakeTimeout)
            throws InvalidCertificateException {
        this.provider = provider;
        this.certificates = certificates;
        handshakeMillis = handshakeTimeout.toMillis();
        certificates.use(this);
    }

    @Override
    public void prepare(TlsMaterial material) throws SSLException {
        SslContext context = newContext(material);
        synchronized (this) {
            contexts.put(material, context);
        }
    }

    private SslContext newContext(TlsMaterial material) throws SSLException {
        // The library picks the protocol where one is in common; ClientHelloHandler has refused all others.
        ApplicationProtocolConfig protocols = new ApplicationProtocolConfig(Protocol.ALPN,
                SelectorFailureBehavior.NO_ADVERTISE, SelectedListenerFailureBehavior.ACCEPT, APPLICATION_PROTOCOLS);
        return SslContextBuilder.forServer(material.key(), material.chain().toArray(X509Certificate[]::new))
                .sslProvider(provider).protocols(VERSIONS).ciphers(CIPHER_SUITES, SupportedCipherSuiteFilter.INSTANCE)
                .applicationProtocolConfig(protocols).sessionCacheSize(1).sessionTimeout(1).build();
    }

    /** Connections keep the context that they began with. */
    @Override
    public synchronized void retire(TlsMaterial material) {
        ReferenceCountUtil.release(contexts.remove(material));
    }

    /** TLS for a new connection, with the certificate of the server name; null asks for the default one. */
    synchronized SslHandler newHandler(ByteBufAllocator buffers, String serverName) {
        SslContext context = contexts.get(certificates.ofServerName(serverName));
        SslHandler handler = context.newHandler(buffers);
        handler.setHandshakeTimeoutMillis(handshakeMillis);
        handler.setCloseNotifyFlushTimeoutMillis(CLOSE_FLUSH_MILLIS);
        return handler;
    }

    @Override
    public synchronized void close() {
        contexts.values().forEach(ReferenceCountUtil::release);
        contexts.clear();
    }
}
