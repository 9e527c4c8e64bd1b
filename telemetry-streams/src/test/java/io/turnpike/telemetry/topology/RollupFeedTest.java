package io.turnpike.telemetry.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.events.v1.UsageRollup;
import io.turnpike.events.v1.UsageSnapshot;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RollupFeedTest extends StreamTest {
    @Test
    void anHourIsPublishedOnceWhenItIsOver() {
        UsageSnapshot snapshot = node.snapshot(1, START, START.plusSeconds(10), "acme", "al", 1_000);
        send(snapshot);
        pass(Bucket.HOUR.length().plus(RollupFeed.FINAL_AFTER).minusMinutes(5));
        assertThat(stream.rollups()).isEmpty();
        pass(Duration.ofMinutes(10));

        List<UsageRollup> published = stream.rollups();
        assertThat(published).extracting(UsageRollup::getUserId).containsExactlyInAnyOrder("al", "");
        assertThat(published).allSatisfy(rollup -> {
            assertThat(rollup.getTenantId()).isEqualTo("acme");
            assertThat(rollup.getBucketStart()).isEqualTo(START);
            assertThat(rollup.getStepSeconds()).isEqualTo(3_600);
            assertThat(rollup.getVersion()).isEqualTo(1);
            assertThat(rollup.getFinalRecord()).isTrue();
            assertThat(rollup.getComplete()).as("nobody knows").isFalse();
            assertThat(rollup.getBillableBytes()).isEqualTo(Traffic.of(snapshot).billableBytes(false));
            assertThat(rollup.getRelayToPeer()).isEqualTo(snapshot.getRelayToPeer());
        });
        pass(Duration.ofHours(3));
        assertThat(stream.rollups()).isEmpty();
    }

    @Test
    void nothingIsPublishedBeforeItIsKnownWhatIsComplete() {
        stream.auditIsKnown(false);
        send(node.snapshot(1, START, START.plusSeconds(10), "acme", "al", 1_000));
        pass(Duration.ofHours(3));
        assertThat(stream.rollups()).isEmpty();

        stream.auditIsKnown(true);
        stream.hourIsComplete(START);
        pass(Duration.ofMinutes(5));
        List<UsageRollup> published = stream.rollups();
        assertThat(published).extracting(UsageRollup::getUserId).containsOnly("al", "");
        assertThat(published).extracting(UsageRollup::getComplete).containsOnly(true);
    }

    @Test
    void whatComesLaterMakesTheNextVersionOfItsHour() {
        anHourIsPublishedOnceWhenItIsOver();
        UsageSnapshot later = node.snapshot(1, START.plusSeconds(10), START.plusSeconds(20), "acme", "al", 5_000);
        send(later);
        pass(RollupFeed.CORRECTION_AFTER.plus(OpenMinutes.IDLE).plusSeconds(1));
        pass(RollupFeed.CORRECTION_AFTER.plusSeconds(1));

        assertThat(stream.rollups()).hasSize(2).allSatisfy(rollup -> {
            assertThat(rollup.getVersion()).isEqualTo(2);
            assertThat(rollup.getBillableBytes()).isEqualTo(Traffic.of(later).billableBytes(false));
        });
    }

    @Test
    void anHourOfWhichAMinuteIsStillOpenWaits() {
        UsageSnapshot early = node.snapshot(1, START, START.plusSeconds(10), "acme", "al", 1_000);
        send(early);
        stream.advance(Duration.ofHours(3));
        UsageSnapshot newest = node.snapshot(1, START.plusSeconds(70), START.plusSeconds(80), "acme", "al", 2_000);
        send(newest); // opens the minute 10:00 or 10:01 again
        stream.advance(Duration.ofSeconds(61));
        assertThat(stream.rollups()).isEmpty();
        pass(Duration.ofMinutes(5));

        assertThat(stream.rollups()).isNotEmpty().allSatisfy(rollup -> assertThat(rollup.getBillableBytes())
                .isEqualTo(Traffic.of(newest).billableBytes(false)));
    }

    @Test
    void lateUsageOfAClosedMonthIsBookedWhenItComesAsAnAdjustment() {
        Instant october = Instant.parse("2026-10-25T12:00:00Z");
        UsageSnapshot late = node.snapshot(1, october, october.plusSeconds(10), "acme", "al", 1_000);
        send(late);

        assertThat(stream.user(Bucket.HOUR, "acme", "al")).containsOnlyKeys(START);
        assertThat(stream.tenant(Bucket.DAY, "acme")).containsOnlyKeys(Instant.parse("2026-11-22T00:00:00Z"));
        assertThat(stream.counter("turn_telemetry_adjusted_bytes"))
                .isEqualTo(Traffic.of(late).billableBytes(false));
        pass(Duration.ofHours(3));
        assertThat(stream.rollups()).hasSize(2).allSatisfy(rollup -> assertThat(rollup.getAdjustmentBytes())
                .isEqualTo(Traffic.of(late).billableBytes(false)).isEqualTo(rollup.getBillableBytes()));
    }

    @Test
    void nodesAreAddedUpAndNotPublished() {
        UsageSnapshot snapshot = node.snapshot(1, START, START.plusSeconds(10), "acme", "al", 1_000);
        send(snapshot);

        assertThat(stream.tenant(Bucket.MINUTE, StoreKey.nodeScope("relay-1")).values())
                .containsExactly(Traffic.of(snapshot));
        pass(Duration.ofHours(3));
        assertThat(stream.rollups()).extracting(UsageRollup::getTenantId).containsOnly("acme");
    }

    /** The driver runs each round once at the end of an advance; what one round leaves, the next ones find. */
    private void pass(Duration time) {
        stream.advance(time);
        stream.advance(RollupFeed.INTERVAL);
        stream.advance(RollupFeed.CORRECTION_AFTER);
        stream.advance(RollupFeed.INTERVAL);
    }
}
