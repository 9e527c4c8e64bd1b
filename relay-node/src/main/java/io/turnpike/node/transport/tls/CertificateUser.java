package io.turnpike.node.transport.tls;

/** Something that must get ready for a certificate before clients see it, such as a TLS context. */
public interface CertificateUser {
    /**
     * Gets ready; called on the thread that reloads.
     *
     * @throws Exception if the certificate cannot be used; the old one stays then
     */
    void prepare(TlsMaterial material) throws Exception;

    /** The certificate is shown to no new client; connections that use it go on. */
    void retire(TlsMaterial material);
}
