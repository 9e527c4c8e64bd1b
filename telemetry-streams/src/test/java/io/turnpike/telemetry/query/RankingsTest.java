package io.turnpike.telemetry.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.junit.jupiter.api.Test;

class RankingsTest {
    private long nanos;
    private int made;
    private final Rankings rankings = new Rankings(100, () -> nanos);

    private Rankings.Ranking get(Object key, Duration cost, int users) {
        return rankings.get(key, () -> {
            made++;
            nanos += cost.toNanos();
            return new Rankings.Ranking(Instant.EPOCH.plusNanos(nanos),
                    IntStream.range(0, users).mapToObj(i -> new UserUsage("u" + i, Usage.ZERO)).toList());
        });
    }

    /** One that took a tenth of a second, and is kept for a second. */
    private Rankings.Ranking ofTenUsers() {
        return get("a", Duration.ofMillis(100), 10);
    }

    /** Two of them fit. */
    private void ofFortyUsers(String... keys) {
        for (String key : keys) {
            get(key, Duration.ofSeconds(9), 40);
        }
    }

    @Test
    void isUsedForTenTimesAsLongAsItTookToMake() {
        Rankings.Ranking first = ofTenUsers();
        nanos += Duration.ofMillis(999).toNanos();
        assertThat(ofTenUsers()).isSameAs(first);
        nanos += Duration.ofMillis(2).toNanos();
        assertThat(ofTenUsers()).isNotSameAs(first);
        assertThat(made).isEqualTo(2);
    }

    @Test
    void whatIsMadeQuicklyIsMadeEachTime() {
        get("a", Duration.ofMillis(49), 10);
        get("a", Duration.ofMillis(49), 10);
        assertThat(made).isEqualTo(2);
    }

    @Test
    void theOneThatWasNotAskedForLongestGoesFirst() {
        ofFortyUsers("a", "b", "a", "c");
        assertThat(made).isEqualTo(3);
        ofFortyUsers("a", "c");
        assertThat(made).isEqualTo(3);
        ofFortyUsers("b");
        assertThat(made).isEqualTo(4);
    }

    @Test
    void onesThatAreTooLargeAreNotKept() {
        get("a", Duration.ofSeconds(9), 101);
        get("a", Duration.ofSeconds(9), 101);
        assertThat(made).isEqualTo(2);
    }

    @Test
    void aFailureIsNotKept() {
        assertThatThrownBy(() -> rankings.get("a", () -> {
            throw new IllegalStateException("moving");
        })).hasMessage("moving");
        get("a", Duration.ofSeconds(9), 1);
        assertThat(made).isEqualTo(1);
    }

    @Test
    void whoAsksWhileItIsMadeWaitsForIt() throws Exception {
        Rankings.Ranking ranking = new Rankings.Ranking(Instant.EPOCH, List.of());

        assertThat(waitedFor(() -> ranking).get(10, TimeUnit.SECONDS)).isSameAs(ranking);
    }

    @Test
    void whoWaitsFailsAsTheOneWhoMakesIt() throws Exception {
        InvalidStateStoreException moving = new InvalidStateStoreException("moving");

        assertThatThrownBy(() -> waitedFor(() -> {
            throw moving;
        }).get(10, TimeUnit.SECONDS)).cause().isSameAs(moving);
    }

    /** What somebody gets who asks while the ranking is made. */
    private static CompletableFuture<Rankings.Ranking> waitedFor(Supplier<Rankings.Ranking> making)
            throws InterruptedException {
        Rankings shared = new Rankings(100, System::nanoTime);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture.runAsync(() -> shared.get("a", () -> {
            begun.countDown();
            awaitQuietly(go);
            return making.get();
        }));
        begun.await();
        CompletableFuture<Rankings.Ranking> waited = new CompletableFuture<>();
        Thread waiting = new Thread(() -> {
            try {
                waited.complete(shared.get("a", () -> {
                    throw new AssertionError("made twice");
                }));
            } catch (RuntimeException | Error e) {
                waited.completeExceptionally(e);
            }
        });
        waiting.start();
        await().until(() -> waiting.getState() == Thread.State.WAITING);
        go.countDown();
        return waited;
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
