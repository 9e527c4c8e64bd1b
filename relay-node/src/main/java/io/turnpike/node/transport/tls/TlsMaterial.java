package io.turnpike.node.transport.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * A certificate chain with its key, checked to belong together.
 *
 * @param chain the server's certificate first
 * @param key the private key of the first certificate
 */
public record TlsMaterial(List<X509Certificate> chain, PrivateKey key) {
    /** Keeps the chain from changing. */
    public TlsMaterial {
        chain = List.copyOf(chain);
    }

    /** The server's own certificate. */
    public X509Certificate leaf() {
        return chain.get(0);
    }

    /** When the first certificate of the chain runs out. */
    public Instant expiresAt() {
        return chain.stream().map(certificate -> certificate.getNotAfter().toInstant()).min(Instant::compareTo)
                .orElseThrow();
    }

    /** Names the certificate, and never the key. */
    @Override
    public String toString() {
        return leaf().getSubjectX500Principal() + " serial=" + leaf().getSerialNumber().toString(16) + " until="
                + expiresAt();
    }
}
