package io.turnpike.telemetry.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.Topic;
import io.turnpike.events.v1.EndReason;
import io.turnpike.events.v1.NodeState;
import io.turnpike.events.v1.UsageSnapshot;
import io.turnpike.telemetry.cluster.HerePartitions;
import io.turnpike.telemetry.query.Allocation;
import io.turnpike.telemetry.query.AllocationPage;
import io.turnpike.telemetry.query.Outcome;
import io.turnpike.telemetry.query.PartitionStores;
import io.turnpike.telemetry.query.Step;
import io.turnpike.telemetry.query.StoredAllocations;
import io.turnpike.telemetry.query.StoredNodes;
import io.turnpike.telemetry.query.StoredOutcomes;
import io.turnpike.telemetry.query.StoredUsage;
import io.turnpike.telemetry.query.TimeRange;
import io.turnpike.telemetry.query.UsageExport;
import io.turnpike.telemetry.query.UserPage;
import io.turnpike.telemetry.query.UserSort;
import io.turnpike.telemetry.query.UserUsage;
import io.turnpike.telemetry.store.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the queries answer from the stores of the stream, written and read as it is between instances. */
class StoredAnswersTest extends StreamTest {
    private static final TimeRange HOURS = new TimeRange(START.minus(Duration.ofHours(1)),
            START.plus(Duration.ofHours(1)));
    private static final TimeRange HALF_A_DAY = new TimeRange(START.minus(Duration.ofHours(6)),
            START.plus(Duration.ofHours(6)));

    private HerePartitions partitions;

    @BeforeEach
    void fill() {
        partitions = new HerePartitions(1, partition -> new PartitionStores() {
            @Override
            @SuppressWarnings("unchecked")
            public <K, V> ReadOnlyKeyValueStore<K, V> open(String store) {
                return (ReadOnlyKeyValueStore<K, V>) stream.store(store);
            }
        });
        stream.send(Topic.NODE, "relay-1", node.status(START, NodeState.SERVING));
        use(1, "acme", "al", 3_000);
        use(2, "acme", "bo", 9_000);
        use(3, "acme", "cyrill", 6_000);
        use(4, "other", "al", 1_000);
        stream.send(Topic.ALLOCATION, node.allocationId(4),
                node.ended(4, START.plusSeconds(20), "other", "al", EndReason.CLIENT_RELEASED));
        stream.flush();
    }

    @Test
    void seriesAndTotals() {
        StoredUsage usage = new StoredUsage(partitions);

        assertThat(usage.userUsage("acme", "bo", HOURS, Step.MINUTE).value().total().relayToPeer().payloadBytes())
                .isEqualTo(9_000);
        assertThat(usage.userUsage("acme", "bo", HOURS, Step.MINUTE).value().points()).hasSize(1);
        assertThat(usage.tenantUsage("acme", HOURS, Step.HOUR).value().total().relayToPeer().payloadBytes())
                .isEqualTo(18_000);
        assertThat(usage.clusterUsage(HOURS, Step.HOUR).value().total().relayToPeer().payloadBytes())
                .isEqualTo(19_000);
        assertThat(usage.nodeUsage("relay-1", HOURS, Step.MINUTE).value())
                .isEqualTo(usage.clusterUsage(HOURS, Step.MINUTE).value());
        assertThat(usage.nodeUsage("relay-1", HOURS, Step.HOUR).value().total().relayToPeer().payloadBytes())
                .isEqualTo(19_000);
        assertThat(usage.nodeUsage("relay-2", HOURS, Step.HOUR).value().points()).isEmpty();
        assertThat(usage.tenantUsage("relay-1", HOURS, Step.HOUR).value().points()).as("no tenant").isEmpty();
        assertThat(usage.userUsage("acme", "nobody", HOURS, Step.HOUR).value().points()).isEmpty();
    }

    @Test
    void whatWasMovedInAClosedMonthIsSaidToBeAnAdjustment() {
        Instant october = Instant.parse("2026-10-25T12:00:00Z");
        UsageSnapshot late = node.snapshot(5, october, october.plusSeconds(10), "acme", "bo", 1_000);
        send(late);
        stream.flush();
        StoredUsage usage = new StoredUsage(partitions);
        long bytes = Traffic.of(late).billableBytes(false);

        for (Step step : List.of(Step.MINUTE, Step.HOUR)) {
            assertThat(usage.userUsage("acme", "bo", HOURS, step).value().total().adjustmentBytes()).isEqualTo(bytes);
            assertThat(usage.tenantUsage("acme", HOURS, step).value().total().adjustmentBytes()).isEqualTo(bytes);
            assertThat(usage.clusterUsage(HOURS, step).value().total().adjustmentBytes()).isEqualTo(bytes);
            assertThat(usage.userUsage("acme", "al", HOURS, step).value().total().adjustmentBytes()).isZero();
        }
        assertThat(
                usage.users("acme", HOURS, Step.HOUR, UserSort.BYTES_DESCENDING, 1, Optional.empty()).value().users())
                .singleElement().satisfies(user -> assertThat(user.usage().adjustmentBytes()).isEqualTo(bytes));
        assertThat(usage.piece(0, Optional.of("acme"), HOURS, Step.HOUR, 10, Optional.empty()).value().rows())
                .filteredOn(row -> row.user().equals("bo")).singleElement()
                .satisfies(row -> assertThat(row.usage().adjustmentBytes()).isEqualTo(bytes));
        TimeRange then = new TimeRange(october.minus(Duration.ofDays(1)), october.plus(Duration.ofDays(1)));
        assertThat(usage.userUsage("acme", "bo", then, Step.HOUR).value().points()).as("its month stays what it was")
                .isEmpty();
    }

    @Test
    void usersInEveryOrderByLookupsAndByScansAlike() {
        StoredUsage usage = new StoredUsage(partitions);

        for (TimeRange range : List.of(HOURS, HALF_A_DAY)) {
            assertThat(names(usage, range, UserSort.BYTES_DESCENDING)).containsExactly("bo", "cyrill", "al");
            assertThat(names(usage, range, UserSort.BYTES_ASCENDING)).containsExactly("al", "cyrill", "bo");
            assertThat(names(usage, range, UserSort.USER)).containsExactly("al", "bo", "cyrill");
        }
        TimeRange before = new TimeRange(START.minus(Duration.ofHours(3)), START.minus(Duration.ofHours(1)));
        assertThat(names(usage, before, UserSort.USER)).isEmpty();
    }

    /** Page by page, one user each. */
    private static List<String> names(StoredUsage usage, TimeRange range, UserSort sort) {
        List<String> names = new ArrayList<>();
        Optional<UserPage.After> after = Optional.empty();
        do {
            UserPage page = usage.users("acme", range, Step.HOUR, sort, 1, after).value();
            page.users().stream().map(UserUsage::user).forEach(names::add);
            after = page.next();
        } while (after.isPresent());
        return names;
    }

    @Test
    void everyUserIsInTheExportOnce() {
        StoredUsage usage = new StoredUsage(partitions);

        assertThat(rows(usage, Optional.empty())).containsExactlyInAnyOrder("acme/al 3000", "acme/bo 9000",
                "acme/cyrill 6000", "other/al 1000");
        assertThat(rows(usage, Optional.of("acme"))).hasSize(3);
        assertThat(rows(usage, Optional.of("ac"))).isEmpty();
    }

    /** Piece by piece, one user each. */
    private static List<String> rows(StoredUsage usage, Optional<String> tenant) {
        List<String> rows = new ArrayList<>();
        Optional<UsageExport.After> after = Optional.empty();
        do {
            UsageExport.Piece piece = usage.piece(0, tenant, HOURS, Step.HOUR, 1, after).value();
            piece.rows().forEach(row -> rows
                    .add(row.tenant() + '/' + row.user() + ' ' + row.usage().relayToPeer().payloadBytes()));
            after = piece.next();
        } while (after.isPresent());
        return rows;
    }

    @Test
    void allocationsOutcomesAndNodes() {
        StoredAllocations allocations = new StoredAllocations(partitions);
        AllocationPage first = allocations
                .allocations("acme", Allocation.State.LIVE, Optional.empty(), 2, Optional.empty()).value();
        assertThat(first.allocations()).extracting(Allocation::userId).containsExactly("al", "bo");
        assertThat(allocations.allocations("acme", Allocation.State.LIVE, Optional.empty(), 2, first.next()).value())
                .satisfies(second -> {
                    assertThat(second.allocations()).extracting(Allocation::userId).containsExactly("cyrill");
                    assertThat(second.next()).isEmpty();
                });
        assertThat(allocations.allocations("other", Allocation.State.ENDED, Optional.of("al"), 2, Optional.empty())
                .value().allocations()).singleElement()
                .satisfies(ended -> assertThat(ended.endReason()).isEqualTo(EndReason.CLIENT_RELEASED));
        assertThat(allocations.allocation(node.allocationId(4)).value().orElseThrow().timeline()).isNotEmpty();
        assertThat(allocations.allocation("none").value()).isEmpty();

        assertThat(new StoredOutcomes(partitions).tenantOutcomes("other").value().counts().values().stream()
                .mapToLong(Long::longValue).sum()).isEqualTo(1);
        assertThat(new StoredOutcomes(partitions).tenantOutcomes("acme").value().counts()).containsEntry(
                Outcome.CONNECTED, 0L);
        assertThat(new StoredNodes(partitions).nodes().value()).extracting(node -> node.id())
                .containsExactly("relay-1");
        assertThat(new StoredNodes(partitions).node("relay-1").value().orElseThrow().listeners()).isNotEmpty();
        assertThat(new StoredNodes(partitions).node("relay-2").value()).isEmpty();
    }

    private void use(int counter, String tenant, String user, long bytes) {
        create(counter, tenant, user);
        send(node.snapshot(counter, START, START.plusSeconds(10), tenant, user, bytes));
    }
}
