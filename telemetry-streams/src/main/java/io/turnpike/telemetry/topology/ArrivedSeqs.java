package io.turnpike.telemetry.topology;

import io.turnpike.telemetry.store.v1.Session;
import java.util.ArrayList;
import java.util.List;

/**
 * Which events of an allocation have arrived, by {@code allocationSeq}: the newest one, and the ranges below it that have
 * not. Numbers of samples that were replaced before they were sent never arrive, so that ranges stay; they are few, since an
 * outage makes one of them. Beyond the bound the oldest range is forgotten: its events are then taken for duplicates, and the
 * hour stays incomplete, which errs on the honest side.
 */
final class ArrivedSeqs {
    /** {@code newestSeq} of an allocation of which nothing has arrived. */
    static final int NONE = -1;
    /** Ranges that are kept of an allocation. */
    static final int MOST_RANGES = 16;

    private ArrivedSeqs() {}

    /** Notes that an event has arrived; false if it had before. A negative number is that of no event. */
    static boolean add(Session session, int seq) {
        int newest = session.getNewestSeq();
        if (seq > newest) {
            if (seq > newest + 1) {
                List<Integer> missing = new ArrayList<>(session.getMissingSeqs());
                missing.add(newest + 1);
                missing.add(seq - 1);
                keep(session, missing);
            }
            session.setNewestSeq(seq);
            return true;
        }
        return take(session, seq);
    }

    private static boolean take(Session session, int seq) {
        List<Integer> ranges = session.getMissingSeqs();
        for (int i = 0; i < ranges.size(); i += 2) {
            int first = ranges.get(i);
            int last = ranges.get(i + 1);
            if (seq >= first && seq <= last) {
                List<Integer> missing = new ArrayList<>(ranges.subList(0, i));
                if (seq > first) {
                    missing.addAll(List.of(first, seq - 1));
                }
                if (seq < last) {
                    missing.addAll(List.of(seq + 1, last));
                }
                missing.addAll(ranges.subList(i + 2, ranges.size()));
                keep(session, missing);
                return true;
            }
        }
        return false;
    }

    private static void keep(Session session, List<Integer> missing) {
        int tooMany = Math.max(0, missing.size() - 2 * MOST_RANGES);
        session.setMissingSeqs(List.copyOf(missing.subList(tooMany, missing.size())));
    }
}
