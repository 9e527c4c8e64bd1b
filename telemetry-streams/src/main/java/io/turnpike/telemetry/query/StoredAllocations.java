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
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** Allocations from the session tracker's stores. */
public final class StoredAllocations implements AllocationQueries {
    private static final Comparator<Allocation> ORDER = Comparator
            .comparing((Allocation allocation) -> allocation.endedAt().orElse(Instant.EPOCH)).reversed()
            .thenComparing(Allocation::id);

    private final Question<ListOf, Page> page;
    private final Question<One, Page> one;

    private record ListOf(String tenantId, Allocation.State state, Optional<String> userId, int most,
            Optional<AllocationPage.After> after) {}

    private record One(String allocationId) {}

    /** @param more whether there may be more behind the last one */
    private record Page(List<Allocation> allocations, boolean more) {}

    /** An entry of the index; live ones carry no end. */
    private record Entry(String id, long endedAtMicros) {}

    /** @param partitions where the session tracker's partitions are */
    public StoredAllocations(Partitions partitions) {
        page = partitions.serveScan("allocations", StoreGroup.SESSIONS, ListOf.class, Page.class,
                StoredAllocations::page);
        one = partitions.serve("allocation", StoreGroup.SESSIONS, One.class, Page.class, StoredAllocations::one);
    }

    @Override
    public Answer<AllocationPage> allocations(String tenantId, Allocation.State state, Optional<String> userId,
            int limit, Optional<AllocationPage.After> after) {
        return page.ofAll(new ListOf(tenantId, state, userId, limit + 1, after)).map(parts -> {
            List<Allocation> all = parts.stream().flatMap(part -> part.allocations().stream()).sorted(ORDER)
                    .limit(limit + 1L).toList();
            List<Allocation> shown = all.stream().limit(limit).toList();
            boolean more = all.size() > limit || parts.stream().anyMatch(Page::more);
            return new AllocationPage(shown, more ? last(shown) : Optional.empty());
        });
    }

    @Override
    public Answer<Optional<Allocation>> allocation(String allocationId) {
        return one.ofKey(allocationId, new One(allocationId)).map(part -> part.allocations().stream().findFirst());
    }

    private static Page page(ListOf question, PartitionStores stores) {
        List<Entry> entries = first(stores.open(Stores.SESSION_INDEX), question.tenantId(), question.state(),
                question.userId().map(id -> id.getBytes(StandardCharsets.UTF_8)), question.most(), question.after());
        return new Page(entries.stream().map(entry -> allocation(stores, entry.id(), false))
                .flatMap(Optional::stream).toList(), entries.size() == question.most());
    }

    private static Page one(One question, PartitionStores stores) {
        return new Page(allocation(stores, question.allocationId(), true).stream().toList(),
                false);
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

    private static Optional<AllocationPage.After> last(List<Allocation> shown) {
        return shown.isEmpty()
                ? Optional.empty()
                : Optional.of(shown.get(shown.size() - 1))
                        .map(last -> new AllocationPage.After(last.endedAt(), last.id()));
    }

    private static Optional<Allocation> allocation(PartitionStores stores, String id, boolean withTimeline) {
        Session session = stores.<String, Session>open(Stores.SESSIONS).get(id);
        SessionCounters newer = stores.<String, SessionCounters>open(Stores.SESSION_COUNTERS).get(id);
        if (session != null && newer != null) {
            LiveCounters.apply(newer, session);
        }
        boolean isAttempt = session != null && session.getEndedAtMicros() == 0 && !session.getOutcome().isEmpty();
        if (session == null || isAttempt) {
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
                        Traffic.of(session.getTraffic()).billableBytes(session.getEgressOnly()), 0),
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
