package io.turnpike.telemetry.topology;

import io.turnpike.contract.UserKey;
import io.turnpike.events.v1.EndReason;
import io.turnpike.telemetry.store.LiveCounters;
import io.turnpike.telemetry.store.SessionIndexKey;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.v1.Session;
import io.turnpike.telemetry.store.v1.SessionCounters;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The allocations of one task with their index: which live, which ended, which belong to a node that is gone, and which
 * are due to be looked at. Keeps the stores consistent with each other. What changes is written once before each commit;
 * the counters of a live allocation, which change with every snapshot, go to a small row of their own. Confined to the
 * stream thread.
 */
final class SessionBook {
    /** An allocation unheard of for this long is over: the longest lifetime and 90 s. */
    static final Duration LIVE_SILENCE = Duration.ofSeconds(3_690);
    /** How long a refused attempt is remembered, so that its duplicate is not counted again. */
    static final Duration ATTEMPT_RETENTION = Duration.ofHours(1);

    private final KeyValueStore<String, Session> sessions;
    private final KeyValueStore<String, SessionCounters> counters;
    private final KeyValueStore<byte[], byte[]> index;
    private final RecentRows<String, Row> rows = new RecentRows<>();
    private final Set<String> nodesToSweep = new HashSet<>();

    /** An allocation as it will be once the transaction is committed. */
    private static final class Row {
        private final String id;
        private final String userKey;
        private final Session session;
        private boolean hasCounters;
        private boolean sessionChanged;

        Row(String id, Session session, boolean hasCounters) {
            this.id = id;
            this.session = session;
            this.hasCounters = hasCounters;
            this.userKey = new UserKey(session.getTenantId(), session.getUserId()).text();
        }
    }

    SessionBook(KeyValueStore<String, Session> sessions, KeyValueStore<String, SessionCounters> counters,
            KeyValueStore<byte[], byte[]> index) {
        this.sessions = sessions;
        this.counters = counters;
        this.index = index;
        List<String> gone = new ArrayList<>();
        collect(SessionIndexKey.gonePrefix(), SessionIndexKey.goneEnd(), Integer.MAX_VALUE, gone,
                SessionIndexKey::goneNode);
        nodesToSweep.addAll(gone);
    }

    /** The allocation, or null. The caller may change it, and then saves it. */
    Session find(String allocationId) {
        Row row = rows.get(allocationId);
        if (row == null) {
            Session session = sessions.get(allocationId);
            if (session == null) {
                return null;
            }
            SessionCounters newer = counters.get(allocationId);
            if (newer != null) {
                LiveCounters.apply(newer, session);
            }
            row = new Row(allocationId, session, newer != null);
            rows.put(allocationId, row);
        }
        return row.session;
    }

    /** {@link UserKey} of an allocation that was found or saved before. */
    String userKey(String allocationId) {
        return rows.get(allocationId).userKey;
    }

    /** Takes in a new live allocation. */
    void open(String allocationId, Session session) {
        index.put(SessionIndexKey.live(session.getTenantId(), allocationId), user(session));
        index.put(SessionIndexKey.node(session.getNodeId(), session.getNodeEpoch(), allocationId), new byte[0]);
        index.put(SessionIndexKey.due(dueAt(session), allocationId), new byte[0]);
        if (isGone(session)) {
            nodesToSweep.add(session.getNodeId());
        }
        save(allocationId, session);
    }

    /** Remembers a refused attempt, which is in no list. */
    void remember(String attemptId, Session session) {
        index.put(SessionIndexKey.due(dueAt(session), attemptId), new byte[0]);
        save(attemptId, session);
    }

    /** Keeps the changed state. */
    void save(String allocationId, Session session) {
        Row row = rows.get(allocationId);
        if (row == null) {
            row = new Row(allocationId, session, false);
            rows.put(allocationId, row);
        }
        row.sessionChanged = true;
        rows.change(row);
    }

    /** Keeps the state of an allocation that was found before, of which a snapshot changed what snapshots change. */
    void saveCounters(String allocationId) {
        Row row = rows.get(allocationId);
        row.sessionChanged |= row.session.getEndedAtMicros() != 0; // may have another outcome now, and nothing is hot
        rows.change(row);
    }

    /** Writes what has changed; called before each commit. */
    void write() {
        rows.write(this::write);
    }

    private void write(Row row) {
        if (row.sessionChanged) {
            sessions.put(row.id, row.session);
            if (row.hasCounters) {
                counters.delete(row.id);
                row.hasCounters = false;
            }
        } else {
            counters.put(row.id, LiveCounters.of(row.session));
            row.hasCounters = true;
        }
        row.sessionChanged = false;
    }

    /** Moves an allocation from the live ones to the ended ones, or corrects an end. */
    void end(String allocationId, Session session, long endedAtMicros, EndReason reason, boolean provisional) {
        if (session.getEndedAtMicros() != 0) {
            index.delete(SessionIndexKey.ended(session.getTenantId(), session.getEndedAtMicros(), allocationId));
        }
        index.delete(SessionIndexKey.live(session.getTenantId(), allocationId));
        index.delete(SessionIndexKey.node(session.getNodeId(), session.getNodeEpoch(), allocationId));
        session.setEndedAtMicros(Math.max(1, endedAtMicros));
        session.setEndReason(reason.name());
        session.setProvisional(provisional);
        index.put(SessionIndexKey.ended(session.getTenantId(), session.getEndedAtMicros(), allocationId),
                user(session));
        save(allocationId, session);
    }

    /** Withdraws an end that was concluded from silence. */
    void reopen(String allocationId, Session session) {
        index.delete(SessionIndexKey.ended(session.getTenantId(), session.getEndedAtMicros(), allocationId));
        session.setEndedAtMicros(0L);
        session.setEndReason(EndReason.NONE.name());
        session.setProvisional(false);
        session.setNodeLost(false);
        open(allocationId, session);
    }

    /** Whether the epoch of the allocation's node no longer serves. */
    boolean isGone(Session session) {
        byte[] epoch = index.get(SessionIndexKey.gone(session.getNodeId()));
        return epoch != null && session.getNodeEpoch() <= ByteBuffer.wrap(epoch).getLong();
    }

    /** Notes which epochs of a node no longer serve. */
    void nodeGone(String nodeId, long throughEpoch) {
        index.put(SessionIndexKey.gone(nodeId), ByteBuffer.allocate(Long.BYTES).putLong(throughEpoch).array());
        nodesToSweep.add(nodeId);
    }

    /** Live allocations of epochs that are gone, at most so many; asked again until there are none. */
    List<String> abandoned(int most) {
        List<String> found = new ArrayList<>();
        for (String nodeId : List.copyOf(nodesToSweep)) {
            byte[] epoch = index.get(SessionIndexKey.gone(nodeId));
            long through = epoch == null ? -1 : ByteBuffer.wrap(epoch).getLong();
            int before = found.size();
            collect(SessionIndexKey.nodePrefix(nodeId), SessionIndexKey.nodeAfterEpoch(nodeId, through), most, found,
                    SessionIndexKey::nodeAllocation);
            if (found.size() == before) {
                nodesToSweep.remove(nodeId);
            }
        }
        return found;
    }

    /** Allocations that are due to be looked at, at most so many. Each is taken off the list. */
    List<String> takeDue(long nowMillis, int most) {
        List<byte[]> keys = new ArrayList<>();
        collect(SessionIndexKey.duePrefix(), SessionIndexKey.dueAfter(nowMillis), most, keys, Function.identity());
        keys.forEach(index::delete);
        return keys.stream().map(SessionIndexKey::dueAllocation).toList();
    }

    /** Looks at the allocation again when it may be due. */
    void lookAgain(String allocationId, Session session) {
        index.put(SessionIndexKey.due(dueAt(session), allocationId), new byte[0]);
    }

    /** When the allocation may be closed or forgotten, if nothing is heard of it. */
    long dueAt(Session session) {
        Duration quiet = LIVE_SILENCE;
        if (session.getEndedAtMicros() != 0) {
            quiet = session.getProvisional() ? Stores.PROVISIONAL_RETENTION : Stores.ENDED_RETENTION;
        } else if (!session.getOutcome().isEmpty()) {
            quiet = ATTEMPT_RETENTION;
        }
        return session.getTouchedAtMillis() + quiet.toMillis();
    }

    /** Removes everything about an allocation. */
    void forget(String allocationId, Session session) {
        if (session.getEndedAtMicros() != 0) {
            index.delete(SessionIndexKey.ended(session.getTenantId(), session.getEndedAtMicros(), allocationId));
        }
        rows.remove(allocationId);
        sessions.delete(allocationId);
        counters.delete(allocationId);
    }

    private <T> void collect(byte[] from, byte[] to, int most, List<T> found, Function<byte[], T> read) {
        try (KeyValueIterator<byte[], byte[]> range = index.range(from, to)) {
            while (range.hasNext() && found.size() < most) {
                KeyValue<byte[], byte[]> entry = range.next();
                found.add(read.apply(entry.key));
            }
        }
    }

    private static byte[] user(Session session) {
        return session.getUserId().getBytes(StandardCharsets.UTF_8);
    }
}
