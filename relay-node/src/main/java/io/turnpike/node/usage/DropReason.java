package io.turnpike.node.usage;

import java.util.Locale;

/**
 * Why a datagram or message was thrown away. Every drop has exactly one; the label is public (metrics, events,
 * documentation), so constants are added, never renamed. Dropped data is counted here and nowhere else: it is never
 * billed.
 */
public enum DropReason {
    /** First byte belongs to no protocol spoken here (RFC 7983 section 7). */
    UNKNOWN_PROTOCOL,
    /** Looks like STUN by its first byte, but is not a well-formed message (RFC 8489 section 6.3). */
    MALFORMED_STUN,
    /** FINGERPRINT does not match the message (RFC 8489 section 14.7). */
    BAD_FINGERPRINT,
    /** ChannelData whose length says more than the datagram holds (RFC 8656 section 12.6). */
    MALFORMED_CHANNEL_DATA,
    /** Bytes on a stream that are neither STUN nor ChannelData; the connection is closed. */
    MALFORMED_STREAM,
    /** A method that is not spoken here, or not in this class (RFC 8489 section 6.3). */
    UNEXPECTED_METHOD,
    /** A response sent to a server. */
    UNEXPECTED_RESPONSE,
    /** An indication with an unknown comprehension-required attribute (RFC 8489 section 6.3.2). */
    UNKNOWN_ATTRIBUTE,
    /** A Send indication without XOR-PEER-ADDRESS or DATA (RFC 8656 section 11.2). */
    INCOMPLETE_INDICATION,
    /** Data from a five-tuple that has no allocation. */
    NO_ALLOCATION,
    /** A request repeated while its first copy still waits for an answer from the quota ledger. */
    REQUEST_PENDING,
    /** Client data to a peer without a live permission (RFC 8656 section 11.2). */
    CLIENT_WITHOUT_PERMISSION,
    /** Peer data from an address without a live permission (RFC 8656 section 11.3). */
    PEER_WITHOUT_PERMISSION,
    /** ChannelData on a number that is not bound (RFC 8656 section 12.6). */
    CHANNEL_UNBOUND,
    /** The peer policy forbids the address. */
    PEER_DENIED,
    /** No relayed transport address of the peer's family. */
    PEER_FAMILY_MISMATCH,
    /** The tenant's credit on this node is spent. */
    QUOTA_EXHAUSTED,
    /** The rate of the tenant's share on this node, of its user or of the allocation is reached. */
    RATE_LIMITED,
    /** The client, or the network to it, takes too slowly: the bounded queue is full. */
    CLIENT_QUEUE_FULL,
    /** Data waited longer than a client on a stream may make it wait; the oldest goes first. */
    CLIENT_QUEUE_STALE,
    /** The relay socket's bounded queue is full. */
    PEER_QUEUE_FULL,
    /** The operating system refused to send to the client. */
    CLIENT_SEND_FAILED,
    /** The operating system refused to send to the peer. */
    PEER_SEND_FAILED,
    /** A Send indication for an allocation that relays TCP (RFC 6062 section 4.5). */
    NO_DATAGRAM_RELAY,
    /** A peer's TCP connection closed at once: the allocation has all that it may have, or one to this peer. */
    TOO_MANY_PEER_CONNECTIONS,
    /** Bytes of a TCP connection whose other side was gone before they could be sent on. */
    PEER_CONNECTION_LOST,
    /** Peer data larger than one message to the client can carry. */
    OVERSIZED,
    /** The event loop that owns the flow has too many datagrams waiting. */
    LOOP_BUSY,
    /** A request of an unauthenticated source, over what its network, or all of them, are answered (UDP). */
    ANSWER_BUDGET,
    /** A connection closed at once, because too many without an allocation are open, here or from its network. */
    TOO_MANY_CONNECTIONS,
    /** A connection closed because its PROXY header is missing, malformed, late, or not of a proxy that is believed. */
    PROXY_HEADER_REFUSED,
    /** A connection closed because its first message, or its allocation, did not come in time. */
    CONNECTION_TIMEOUT,
    /** A connection closed because too many TLS or DTLS handshakes are under way, here or with its network. */
    TOO_MANY_HANDSHAKES,
    /** A TLS or DTLS handshake that failed, or did not end in time. */
    TLS_HANDSHAKE_FAILED,
    /** A DTLS record, or part of a ClientHello, from an address without an association (RFC 6347 section 4.1.2.7). */
    DTLS_UNKNOWN_ASSOCIATION,
    /** A DTLS record that is malformed, forged, repeated or out of place (RFC 6347 sections 4.1.2.6 and 4.1.2.7). */
    DTLS_RECORD_REFUSED,
    /** A ClientHello without its cookie that got none, because too many were sent (RFC 6347 section 4.2.1). */
    DTLS_HELLO_UNANSWERED,
    /** Peer data for an allocation whose client lost its connection and may come back on another (RFC 8016). */
    CLIENT_ABSENT;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** Metric label and map key, for instance {@code quota_exhausted}. */
    public String label() {
        return label;
    }
}
