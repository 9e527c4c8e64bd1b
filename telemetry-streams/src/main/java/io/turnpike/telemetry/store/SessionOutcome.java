package io.turnpike.telemetry.store;

import io.turnpike.events.v1.EndReason;
import io.turnpike.telemetry.store.v1.Session;

/**
 * How an allocation, or an attempt at one, is counted. The first that matches wins (DESIGN section 9). Without looking
 * into the packets, traffic in both directions stands for media both ways, and checks are not told apart.
 */
public enum SessionOutcome {
    /** Credentials were refused. */
    AUTH_FAILED,
    /** The Allocate request was answered with an error. */
    REJECTED,
    /** The node went silent after traffic both ways. */
    NODE_LOST,
    /** Quota ended it after traffic both ways. */
    CUT_BY_QUOTA,
    /** The client's transport closed after traffic both ways. */
    DROPPED,
    /** Traffic both ways. */
    CONNECTED,
    /** Traffic one way. */
    ONE_WAY,
    /** No traffic. */
    UNUSED;

    /** The outcome of an allocation that has ended. */
    public static SessionOutcome of(Session session) {
        Traffic traffic = Traffic.of(session.getTraffic());
        boolean out = traffic.packetsToPeers() > 0;
        boolean back = traffic.packetsToClients() > 0;
        if (session.getBothWays() || out && back) {
            return afterBothWays(session);
        }
        return out || back ? ONE_WAY : UNUSED;
    }

    private static SessionOutcome afterBothWays(Session session) {
        if (session.getNodeLost()) {
            return NODE_LOST;
        }
        String reason = session.getEndReason();
        if (reason.equals(EndReason.QUOTA.name())) {
            return CUT_BY_QUOTA;
        }
        return reason.equals(EndReason.TRANSPORT_CLOSED.name()) ? DROPPED : CONNECTED;
    }

    /** The name under which buckets count it: outcome, error code, transport. */
    public static String cell(Session session) {
        return session.getOutcome() + '/' + session.getErrorCode() + '/' + session.getTransport();
    }

    /** The outcome of a cell. */
    public static String ofCell(String cell) {
        return cell.substring(0, cell.indexOf('/'));
    }
}
