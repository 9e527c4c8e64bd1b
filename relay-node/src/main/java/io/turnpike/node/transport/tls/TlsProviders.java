package io.turnpike.node.transport.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import io.turnpike.node.config.TlsConfig.TlsProvider;

/** Chooses the implementation of TLS. */
final class TlsProviders {
    private TlsProviders() {}

    /**
     * The implementation for a setting.
     *
     * @throws IllegalArgumentException if OpenSSL is asked for and its library does not load
     */
    static SslProvider choose(TlsProvider setting) {
        return switch (setting) {
            case AUTO -> OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
            case JDK -> SslProvider.JDK;
            case OPENSSL -> {
                if (!OpenSsl.isAvailable()) {
                    throw new IllegalArgumentException("tls.provider: openssl is not available here ("
                            + OpenSsl.unavailabilityCause() + "); use auto or jdk");
                }
                yield SslProvider.OPENSSL_REFCNT;
            }
        };
    }
}
