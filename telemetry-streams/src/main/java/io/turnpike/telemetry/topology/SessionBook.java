package io.turnpike.telemetry.topology;

import io.turnpike.events.v1.EndReason;
import io.turnpike.telemetry.store.SessionIndexKey;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.v1.Session;
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
 * are due to be looked at. Keeps the two stores consistent with each other. Confined to the stream thread.
 */
final class SessionBook {
    /** An allocation unheard of for this long is over: the longest lifetime and 90 s. */
    static final Duration LIVE_SILENCE = Duration.ofSeconds(3_690);
    /** How long a refused attempt is remembered, so that its duplicate is not counted again. */
    static final Duration ATTEMPT_RETENTION = Duration.ofHours(1);

    private final KeyValueStore<String, Session> sessions;
    private final KeyValueStore<byte[], byte[]> index;
    private final Set<String> nodesToSweep = new HashSet<>();

    SessionBook(KeyValueStore<String, Session> sessions, KeyValueStore<byte[], byte[]> index) {
        this.sessions = sessions;
        this.index = index;
        List<String> gone = new ArrayList<>();
        collect(SessionIndexKey.gonePrefix(), SessionIndexKey.goneEnd(), Integer.MAX_VALUE, gone,
                SessionIndexKey::goneNode);
        nodesToSweep.addAll(gone);
    }

    /** The allocation, or null. */
    Session find(String allocationId) {
        return sessions.get(allocationId);
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
        sessions.put(allocationId, session);
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
        sessions.delete(allocationId);
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
