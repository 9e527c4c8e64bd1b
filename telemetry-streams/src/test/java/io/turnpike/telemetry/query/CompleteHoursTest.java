package io.turnpike.telemetry.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turnpike.testing.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class CompleteHoursTest {
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
    private static final Instant ELEVEN = NOON.minusSeconds(3_600);
    private static final Instant TEN = ELEVEN.minusSeconds(3_600);

    private final ManualClock clock = new ManualClock(NOON.plus(Duration.ofMinutes(30)));
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final CompleteHours hours = new CompleteHours(this::answer, this::usageAsOf, registry, clock);
    private Optional<Instant> usageAsOf = Optional.empty();
    private Freshness freshness = Freshness.complete(NOON, 0);
    private boolean away;
    private boolean arrived = true;

    private Optional<Instant> usageAsOf() {
        return usageAsOf;
    }

    private Answer<List<AuditedHours.Hour>> answer(TimeRange range) {
        if (away) {
            throw new StoreUnavailable("away", Duration.ofSeconds(1));
        }
        assertThat(range.contains(ELEVEN)).isTrue();
        return new Answer<>(List.of(hour(TEN, 100, arrived ? 100 : 75), hour(ELEVEN, 100, 100)), freshness);
    }

    private static AuditedHours.Hour hour(Instant start, long expected, long received) {
        return new AuditedHours.Hour(start, expected == received,
                List.of(new AuditedHours.Node("n1", OptionalLong.of(expected), received,
                        OptionalLong.of(expected - received), 0, 0, true, expected == received)));
    }

    @Test
    void anHourIsCompleteOnlyOnceTheBucketsAreAsNewAsTheAudit() {
        hours.look();
        assertThat(hours.isComplete(ELEVEN.toEpochMilli())).as("nothing is known of the buckets").isEmpty();
        usageAsOf = Optional.of(clock.instant().minusMillis(1));
        hours.look();
        assertThat(hours.isComplete(ELEVEN.toEpochMilli())).as("a delta may be on its way").isEmpty();
        usageAsOf = Optional.of(clock.instant());
        hours.look();
        assertThat(hours.isComplete(ELEVEN.toEpochMilli())).contains(true);
        assertThat(hours.isComplete(NOON.toEpochMilli())).contains(false);
    }

    @Test
    void itIsAskedAgainNowAndThen() {
        arrived = false;
        look();
        assertThat(hours.isComplete(TEN.toEpochMilli())).contains(false);
        assertThat(hours.isComplete(ELEVEN.toEpochMilli())).contains(true);
        arrived = true;
        look();
        assertThat(hours.isComplete(TEN.toEpochMilli())).contains(true);
    }

    @Test
    void anAnswerThatMissesPartsOrComesFromCopiesIsNotBelieved() {
        freshness = new Freshness(NOON, 0, false, List.of(1));
        look();
        freshness = new Freshness(NOON, 0, true, List.of(), true);
        look();
        away = true;
        look();
        assertThat(hours.isComplete(ELEVEN.toEpochMilli())).isEmpty();
        clock.advance(CompleteHours.FIRST_WITHIN);
        assertThat(hours.isComplete(ELEVEN.toEpochMilli())).as("nobody waits for ever").contains(false);
        away = false;
        freshness = Freshness.complete(NOON, 0);
        look();
        assertThat(hours.isComplete(ELEVEN.toEpochMilli())).contains(true);
    }

    @Test
    void showsOfEachNodeWhatIsMissing() {
        arrived = false;
        look();
        assertThat(registry.get("turn_telemetry_completeness_ratio").tag("node", "n1").gauge().value())
                .isEqualTo(175.0 / 200);
        assertThat(registry.get("turn_telemetry_incomplete_hours").tag("node", "n1").gauge().value()).isEqualTo(1);
    }

    private void look() {
        clock.advance(CompleteHours.INTERVAL);
        usageAsOf = Optional.of(clock.instant());
        hours.look();
    }
}
