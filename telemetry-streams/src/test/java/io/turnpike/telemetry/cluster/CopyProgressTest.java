package io.turnpike.telemetry.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CopyProgressTest {
    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

    private final CopyProgress copies = new CopyProgress(Optional::empty, Clock.systemUTC());

    @Test
    void aCopyThatIsBeingRestoredIsFollowedUpToNoTime() {
        round(0, 10, 1_000);
        round(1, 400, 1_000);

        assertThat(copies.known("store", 3)).isEmpty();
    }

    @Test
    void aCopyIsAsFreshAsTheNewestEndThatItHasReached() {
        round(0, 10, 1_000);
        round(1, 1_000, 1_300);
        assertThat(copies.known("store", 3)).contains(START);
        round(2, 1_200, 1_500);
        assertThat(copies.known("store", 3)).contains(START);
        round(3, 1_300, 1_600);
        assertThat(copies.known("store", 3)).contains(START.plusSeconds(1));
    }

    @Test
    void theMarkOfTheLastTransactionIsNoRecord() {
        round(0, 999, 1_000);

        assertThat(copies.known("store", 3)).contains(START);
    }

    @Test
    void aCopyThatBeginsAgainIsFollowedUpToNoTime() {
        round(0, 1_000, 1_000);
        round(1, 10, 1_000);

        assertThat(copies.known("store", 3)).isEmpty();
    }

    @Test
    void answersNothingWithoutALookAMomentAgo() {
        assertThat(copies.followedUpTo("store", 3)).isEmpty();
        round(0, 1_000, 1_000);
        assertThat(copies.known("store", 3)).contains(START);
    }

    @Test
    void forgetsACopyThatIsTakenAway() {
        round(0, 1_000, 1_000);
        copies.round(START.plusSeconds(1), Map.of());

        assertThat(copies.known("store", 3)).isEmpty();
    }

    private void round(int second, long position, long end) {
        copies.round(START.plusSeconds(second),
                Map.of(new CopyProgress.Copy("store", 3), new CopyProgress.Lag(position, end)));
    }
}
