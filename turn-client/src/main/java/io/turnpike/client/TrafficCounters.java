package io.turnpike.client;

/**
 * What a client sent and received, exactly: sent means that the socket took it. Written on the client's event loop, read
 * from any thread; each reading is consistent in itself.
 */
public final class TrafficCounters {

    private volatile Traffic clientToRelay = Traffic.NONE;
    private volatile Traffic relayToClient = Traffic.NONE;
    private volatile Traffic controlSent = Traffic.NONE;
    private volatile Traffic controlReceived = Traffic.NONE;
    private volatile long refusedSends;
    private volatile long unreadable;

    TrafficCounters() {}

    /** Send indications and ChannelData that left. */
    public Traffic clientToRelay() {
        return clientToRelay;
    }

    /** Data indications and ChannelData that came. */
    public Traffic relayToClient() {
        return relayToClient;
    }

    /** Requests, retransmissions included, and other indications that left; payload bytes are 0. */
    public Traffic controlSent() {
        return controlSent;
    }

    /** Responses and other indications that came; payload bytes are 0. */
    public Traffic controlReceived() {
        return controlReceived;
    }

    /** Messages that the socket refused; not counted as sent. */
    public long refusedSends() {
        return refusedSends;
    }

    /** Packets that are neither STUN nor ChannelData, or malformed. */
    public long unreadable() {
        return unreadable;
    }

    void dataSent(int wireBytes, int payloadBytes) {
        clientToRelay = clientToRelay.plus(wireBytes, payloadBytes);
    }

    void dataReceived(int wireBytes, int payloadBytes) {
        relayToClient = relayToClient.plus(wireBytes, payloadBytes);
    }

    void controlSent(int wireBytes) {
        controlSent = controlSent.plus(wireBytes, 0);
    }

    void controlReceived(int wireBytes) {
        controlReceived = controlReceived.plus(wireBytes, 0);
    }

    void sendRefused() {
        refusedSends = refusedSends + 1;
    }

    void unreadablePacket() {
        unreadable = unreadable + 1;
    }
}
