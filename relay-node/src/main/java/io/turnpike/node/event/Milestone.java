package io.turnpike.node.event;

/** What can happen for the first time on an allocation; each is reported once. */
public enum Milestone {
    FIRST_CLIENT_TO_PEER, FIRST_PEER_TO_CLIENT, CHECK_ANSWERED, NOMINATED, DTLS_CLIENT_HELLO, DTLS_SERVER_HELLO, MEDIA_BOTH_WAYS
}
