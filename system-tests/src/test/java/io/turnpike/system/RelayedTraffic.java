package io.turnpike.system;

import java.net.URI;

/** Wire bytes and packets of all allocations of a relay, as its own metrics tell; to be compared with the API's figures. */
record RelayedTraffic(Leg clientToRelay, Leg relayToPeer, Leg peerToRelay, Leg relayToClient) {

    /** One direction of one leg. */
    record Leg(long wireBytes, long packets) {
        Leg minus(Leg other) {
            return new Leg(wireBytes - other.wireBytes, packets - other.packets);
        }
    }

    /** Scrapes the relay whose admin address this is. */
    static RelayedTraffic of(URI relayAdmin) {
        Metrics metrics = Metrics.of(relayAdmin);
        return new RelayedTraffic(leg(metrics, "rx", "client"), leg(metrics, "tx", "peer"), leg(metrics, "rx", "peer"),
                leg(metrics, "tx", "client"));
    }

    /** What the API tells of a user, in the same terms. */
    static RelayedTraffic of(UserUsage usage) {
        return new RelayedTraffic(leg(usage.clientToRelay()), leg(usage.relayToPeer()), leg(usage.peerToRelay()),
                leg(usage.relayToClient()));
    }

    RelayedTraffic minus(RelayedTraffic earlier) {
        return new RelayedTraffic(clientToRelay.minus(earlier.clientToRelay), relayToPeer.minus(earlier.relayToPeer),
                peerToRelay.minus(earlier.peerToRelay), relayToClient.minus(earlier.relayToClient));
    }

    private static Leg leg(Metrics metrics, String direction, String leg) {
        String labels = "{direction=\"" + direction + "\",leg=\"" + leg + "\"}";
        return new Leg((long) metrics.value("turn_relay_bytes_total" + labels),
                (long) metrics.value("turn_relay_packets_total" + labels));
    }

    private static Leg leg(UserUsage.Direction direction) {
        return new Leg(direction.wireBytes(), direction.packets());
    }
}
