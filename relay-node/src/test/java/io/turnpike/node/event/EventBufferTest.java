package io.turnpike.node.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EventBufferTest {
    private static final int SLOTS = 64;
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    private final EventBuffer buffer = new EventBuffer(SLOTS);
    private final List<SequencedEvent> taken = new ArrayList<>();

    @Test
    void handsOutEventsInTheOrderOfTheirNumbers() {
        buffer.offer(created(1));
        buffer.offer(sampled(1, 10, false));
        buffer.offer(ended(1));
        drain();
        assertThat(taken).extracting(SequencedEvent::nodeSeq).containsExactly(0L, 1L, 2L);
        assertThat(buffer.depth()).isZero();
    }

    @Test
    void aRefusedEventLeavesAGapInTheNumbersAndACount() {
        fillWith(SLOTS + 1);
        long refused = buffer.refused(EventPriority.LIFECYCLE);
        assertThat(refused).isPositive();
        drain();
        assertThat(taken).hasSize((int) (SLOTS + 1 - refused));
        assertThat(buffer.nextSeq()).isEqualTo(SLOTS + 1);
    }

    @Test
    void stepsLeaveRoomForQuotaReportsAndThoseForFinals() {
        fillWith(2 * SLOTS);
        int afterSteps = buffer.depth();
        buffer.offer(reported("t1", 1));
        assertThat(buffer.depth()).as("a report is still taken").isEqualTo(afterSteps + 1);
        for (int i = 0; i < SLOTS; i++) {
            buffer.offer(ended(i));
        }
        drain();
        assertThat(taken).filteredOn(event -> event.event() instanceof AllocationEnded).hasSizeGreaterThanOrEqualTo(4);
        assertThat(buffer.refused(EventPriority.QUOTA)).isZero();
        assertThat(buffer.refused(EventPriority.FINAL)).isPositive();
    }

    @Test
    void samplesAreTheFirstToGoButTheNewestOfEachAllocationStays() {
        for (int i = 0; i < SLOTS; i++) {
            buffer.offer(sampled(1, i, false));
            buffer.offer(sampled(2, 100 + i, false));
        }
        buffer.offer(created(3));
        assertThat(buffer.refused(EventPriority.LIFECYCLE)).as("samples do not push steps out").isZero();
        drain();
        assertThat(buffer.refused(EventPriority.PERIODIC)).as("a superseded sample is no loss").isZero();
        assertThat(newestOf("n1-1-1")).isEqualTo(SLOTS - 1);
        assertThat(newestOf("n1-1-2")).isEqualTo(100 + SLOTS - 1);
    }

    @Test
    void theNewestQuotaReportOfEachTenantStays() {
        fillWith(SLOTS);
        for (int i = 0; i < SLOTS; i++) {
            buffer.offer(reported("t1", i));
            buffer.offer(reported("t2", i));
        }
        drain();
        assertThat(taken).filteredOn(event -> event.event() instanceof TenantUsageReported)
                .extracting(event -> (TenantUsageReported) event.event())
                .filteredOn(report -> report.billableBytes() == SLOTS - 1)
                .extracting(TenantUsageReported::tenantId).containsExactlyInAnyOrder("t1", "t2");
    }

    @Test
    void wakesTheDrainerForQuotaReports() {
        List<String> wakes = new ArrayList<>();
        buffer.onUrgent(() -> wakes.add("wake"));
        buffer.offer(created(1));
        assertThat(wakes).isEmpty();
        buffer.offer(reported("t1", 1));
        assertThat(wakes).hasSize(1);
    }

    @Test
    void countsEveryEventOfManyThreadsOnce() throws Exception {
        EventBuffer wide = new EventBuffer(1024);
        int threads = 4;
        int each = 20_000;
        CountDownLatch done = new CountDownLatch(threads);
        for (int t = 0; t < threads; t++) {
            int number = t;
            new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    wide.offer(created(number));
                }
                done.countDown();
            }).start();
        }
        while (done.getCount() > 0) {
            wide.drain(taken::add, 256);
        }
        assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        while (wide.drain(taken::add, 256) > 0) {
            // the rest
        }
        assertThat(taken.size() + wide.refused(EventPriority.LIFECYCLE)).isEqualTo(threads * each);
        assertThat(taken).extracting(SequencedEvent::nodeSeq).doesNotHaveDuplicates();
    }

    @Test
    void anOlderValueDoesNotReplaceANewerOne() {
        LatestValues values = new LatestValues(10);
        values.keep(new SequencedEvent(5, sampled(1, 50, false)));
        values.keep(new SequencedEvent(3, sampled(1, 30, false)));
        assertThat(values.poll().nodeSeq()).isEqualTo(5);
        assertThat(values.poll()).isNull();
        assertThat(values.size()).isZero();
    }

    @Test
    void keepsNoMoreValuesThanItsBound() {
        LatestValues values = new LatestValues(1);
        assertThat(values.keep(new SequencedEvent(1, sampled(1, 1, false)))).isTrue();
        assertThat(values.keep(new SequencedEvent(2, sampled(2, 1, false)))).isFalse();
        assertThat(values.keep(new SequencedEvent(3, created(1)))).as("no value").isFalse();
        SequencedEvent end = new SequencedEvent(4, sampled(1, 2, true));
        assertThat(values.replace(end)).isEqualTo(end);
        assertThat(values.keep(new SequencedEvent(5, sampled(2, 1, false)))).isTrue();
    }

    private void drain() {
        while (buffer.drain(taken::add, 16) > 0) {
            // until nothing is left
        }
    }

    private void fillWith(int steps) {
        for (int i = 0; i < steps; i++) {
            buffer.offer(created(i));
        }
    }

    private long newestOf(String allocationId) {
        return taken.stream().map(SequencedEvent::event).filter(UsageSampled.class::isInstance)
                .map(UsageSampled.class::cast).filter(sample -> sample.allocation().allocationId().equals(allocationId))
                .mapToLong(sample -> sample.clientToRelay().payloadBytes()).max().orElseThrow();
    }

    private static AllocationRef allocation(int number) {
        return new AllocationRef("acme", "al", "n1-1-" + number);
    }

    private static AllocationCreated created(int number) {
        return new AllocationCreated(NOW, allocation(number), 0, ClientTransport.UDP, RelayTransport.UDP,
                RelayFamily.IPV4, "", "",
                Duration.ofSeconds(600), Duration.ZERO);
    }

    private static AllocationEnded ended(int number) {
        return new AllocationEnded(NOW, allocation(number), 9, ClientTransport.UDP, RelayFamily.IPV4,
                EndReason.EXPIRED, Duration.ZERO);
    }

    private static UsageSampled sampled(int number, long bytes, boolean isFinal) {
        DirectionCount count = new DirectionCount(bytes, bytes, bytes);
        return new UsageSampled(NOW, allocation(number), 1, NOW, count, count, count, count,
                BillableRule.BOTH_DIRECTIONS, Map.of(), 0, isFinal);
    }

    private static TenantUsageReported reported(String tenantId, long billableBytes) {
        return new TenantUsageReported(NOW, tenantId, 0, 0, List.of(), billableBytes, 0, 0, 0, 0,
                Optional.empty());
    }
}
