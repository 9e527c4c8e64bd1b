package io.turnpike.telemetry.query;

import io.turnpike.events.v1.AddressFamily;
import io.turnpike.events.v1.ClientTransport;
import io.turnpike.events.v1.EndReason;
import io.turnpike.events.v1.RelayTransport;
import io.turnpike.telemetry.store.LiveCounters;
import io.turnpike.telemetry.store.SessionIndexKey;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.Traffic;
import io.turnpike.telemetry.store.v1.Session;
import io.turnpike.telemetry.store.v1.SessionCounters;
import io.turnpike.telemetry.store.v1.SessionStep;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** Allocations from the session tracker's stores. */
public final class StoredAllocations implements AllocationQueries {
    private static final Comparator<Entry> ORDER = Comparator.comparingLong(Entry::endedAtMicros).reversed()
            .thenComparing(Entry::id);

    private final StoreReader stores;
    private final String topic;
    private final Supplier<Freshness> freshness;

    /** An entry of the index; live ones carry no end. */
    private record Entry(String id, long endedAtMicros) {}

    /** @param topic input topic of the session tracker */
    public StoredAllocations(StoreReader stores, String topic, Supplier<Freshness> freshness) {
        this.stores = stores;
        this.topic = topic;
        this.freshness = freshness;
    }

    @Override
    public Answer<AllocationPage> allocations(String tenantId, Allocation.State state, Optional<String> userId,
            int limit, Optional<AllocationPage.After> after) {
        Freshness now = freshness.get();
        Optional<byte[]> user = userId.map(id -> id.getBytes(StandardCharsets.UTF_8));
        List<Entry> entries = stores.<byte[], byte[], List<Entry>>readEach(Stores.SESSION_INDEX, topic,
                index -> first(index, tenantId, state, user, limit + 1, after)).stream().flatMap(Collection::stream)
                .sorted(ORDER).limit(limit + 1L).toList();
        List<Allocation> page = entries.stream().limit(limit).map(entry -> session(entry.id())
                .flatMap(session -> allocation(entry.id(), session, false))).flatMap(Optional::stream).toList();
        return new Answer<>(new AllocationPage(page, next(entries, limit)), now);
    }

    @Override
    public Answer<Optional<Allocation>> allocation(String allocationId) {
        Freshness now = freshness.get();
        return new Answer<>(session(allocationId).flatMap(session -> allocation(allocationId, session, true)), now);
    }

    /** The allocation with its newest counters. */
    private Optional<Session> session(String allocationId) {
        Optional<Session> found = stores.<String, Session, Optional<Session>>read(Stores.SESSIONS,
                sessions -> Optional.ofNullable(sessions.get(allocationId)));
        Optional<SessionCounters> newer = stores.<String, SessionCounters, Optional<SessionCounters>>read(
                Stores.SESSION_COUNTERS, counters -> Optional.ofNullable(counters.get(allocationId)));
        found.ifPresent(session -> newer.ifPresent(counters -> LiveCounters.apply(counters, session)));
        return found;
    }

    private static List<Entry> first(ReadOnlyKeyValueStore<byte[], byte[]> index, String tenantId,
            Allocation.State state, Optional<byte[]> user, int most, Optional<AllocationPage.After> after) {
        boolean live = state == Allocation.State.LIVE;
        byte[] prefix = live ? SessionIndexKey.livePrefix(tenantId) : SessionIndexKey.endedPrefix(tenantId);
        byte[] from = after.map(last -> live
                ? SessionIndexKey.live(tenantId, last.id())
                : SessionIndexKey.ended(tenantId, micros(last.endedAt().orElse(Instant.EPOCH)), last.id()))
                .orElse(prefix);
        List<Entry> found = new ArrayList<>();
        try (KeyValueIterator<byte[], byte[]> range = index.range(from, end(prefix))) {
            while (range.hasNext() && found.size() < most) {
                KeyValue<byte[], byte[]> row = range.next();
                boolean isLast = after.isPresent() && Arrays.equals(row.key, from);
                if (!isLast && user.map(id -> Arrays.equals(id, row.value)).orElse(true)) {
                    found.add(live
                            ? new Entry(SessionIndexKey.liveAllocation(row.key), 0)
                            : new Entry(SessionIndexKey.endedAllocation(row.key),
                                    SessionIndexKey.endedAtMicros(row.key)));
                }
            }
        }
        return found;
    }

    /** A key after everything that begins with the prefix; texts in keys begin below 0xFF. */
    private static byte[] end(byte[] prefix) {
        byte[] end = Arrays.copyOf(prefix, prefix.length + 1);
        end[prefix.length] = (byte) 0xFF;
        return end;
    }

    private static Optional<AllocationPage.After> next(List<Entry> entries, int limit) {
        if (entries.size() <= limit) {
            return Optional.empty();
        }
        Entry last = entries.get(limit - 1);
        return Optional.of(new AllocationPage.After(instant(last.endedAtMicros()), last.id()));
    }

    private static Optional<Allocation> allocation(String id, Session session, boolean withTimeline) {
        boolean isAttempt = session.getEndedAtMicros() == 0 && !session.getOutcome().isEmpty();
        if (isAttempt) {
            return Optional.empty();
        }
        return Optional.of(new Allocation(id, session.getTenantId(), session.getUserId(), session.getNodeId(),
                ClientTransport.valueOf(session.getTransport()), AddressFamily.valueOf(session.getRelayFamily()),
                RelayTransport.valueOf(session.getRelayTransport()), session.getClientPrefix(), session.getSoftware(),
                instant(session.getCreatedAtMicros()),
                Instant.EPOCH.plus(session.getLastSeenAtMicros(), ChronoUnit.MICROS),
                instant(session.getEndedAtMicros()), EndReason.valueOf(session.getEndReason()),
                session.getOutcome().isEmpty() ? Optional.empty() : Optional.of(Outcome.valueOf(session.getOutcome())),
                StoredUsage.usage(session.getTraffic(),
                        Traffic.of(session.getTraffic()).billableBytes(session.getEgressOnly())),
                session.getDroppedPackets(),
                withTimeline
                        ? session.getSteps().stream().map(StoredAllocations::timelineEntry).toList()
                        : List.of()));
    }

    private static Allocation.TimelineEntry timelineEntry(SessionStep step) {
        return new Allocation.TimelineEntry(Instant.EPOCH.plus(step.getAtMicros(), ChronoUnit.MICROS), step.getEvent(),
                step.getDetail());
    }

    private static Optional<Instant> instant(long micros) {
        return micros == 0 ? Optional.empty() : Optional.of(Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
    }

    private static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }
}
