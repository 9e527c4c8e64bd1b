package io.turnpike.node.event;

/** How a client reached the relay. */
public enum ClientTransport {
    UDP, TCP, TLS, DTLS
}
