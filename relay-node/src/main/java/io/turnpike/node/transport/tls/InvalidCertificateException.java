package io.turnpike.node.transport.tls;

/** A certificate or its key cannot be used; the message names the file, and never shows what is in it. */
public final class InvalidCertificateException extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidCertificateException(String message) {
        super(message);
    }

    InvalidCertificateException(String message, Throwable cause) {
        super(message, cause);
    }
}
