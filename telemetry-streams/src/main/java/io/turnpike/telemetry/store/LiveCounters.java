package io.turnpike.telemetry.store;

import io.turnpike.telemetry.store.v1.Session;
import io.turnpike.telemetry.store.v1.SessionCounters;

/** What snapshots change of a live allocation, apart from the allocation itself and together with it. */
public final class LiveCounters {
    private LiveCounters() {}

    /** The part of the allocation that snapshots change. */
    public static SessionCounters of(Session session) {
        return new SessionCounters(session.getLastSeenAtMicros(), session.getSampledAtMillis(),
                session.getTouchedAtMillis(), session.getTraffic(), session.getEgressOnly(),
                session.getDroppedPackets(), session.getNewestSeq(), session.getMissingSeqs());
    }

    /** Brings an allocation up to date, unless it is newer than the counters. */
    public static void apply(SessionCounters counters, Session session) {
        if (counters.getTouchedAtMillis() < session.getTouchedAtMillis()) {
            return;
        }
        session.setLastSeenAtMicros(counters.getLastSeenAtMicros());
        session.setSampledAtMillis(counters.getSampledAtMillis());
        session.setTouchedAtMillis(counters.getTouchedAtMillis());
        session.setTraffic(counters.getTraffic());
        session.setEgressOnly(counters.getEgressOnly());
        session.setDroppedPackets(counters.getDroppedPackets());
        session.setNewestSeq(counters.getNewestSeq());
        session.setMissingSeqs(counters.getMissingSeqs());
    }
}
