package io.turnpike.client;

/** How the client reaches the server (RFC 8656 section 3.1). */
public enum ClientTransport {
    UDP, TCP, TLS, DTLS;

    /** Whether messages are cut out of a byte stream and ChannelData is padded. */
    public boolean isStream() {
        return this == TCP || this == TLS;
    }
}
