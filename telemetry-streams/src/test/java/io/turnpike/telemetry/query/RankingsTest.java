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
import java.util.stream.IntStream;
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

    @Test
    void isUsedForTenTimesAsLongAsItTookToMake() {
        Rankings.Ranking first = get("a", Duration.ofMillis(100), 10);
        nanos += Duration.ofMillis(999).toNanos();
        assertThat(get("a", Duration.ofMillis(100), 10)).isSameAs(first);
        nanos += Duration.ofMillis(2).toNanos();
        assertThat(get("a", Duration.ofMillis(100), 10)).isNotSameAs(first);
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
        get("a", Duration.ofSeconds(9), 40);
        get("b", Duration.ofSeconds(9), 40);
        get("a", Duration.ofSeconds(9), 40);
        get("c", Duration.ofSeconds(9), 40);
        assertThat(made).isEqualTo(3);
        get("a", Duration.ofSeconds(9), 40);
        get("c", Duration.ofSeconds(9), 40);
        assertThat(made).isEqualTo(3);
        get("b", Duration.ofSeconds(9), 40);
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
        Rankings shared = new Rankings(100, System::nanoTime);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<Rankings.Ranking> first = CompletableFuture.supplyAsync(() -> shared.get("a", () -> {
            begun.countDown();
            awaitQuietly(go);
            return new Rankings.Ranking(Instant.EPOCH, List.of());
        }));
        begun.await();
        CompletableFuture<Rankings.Ranking> second = new CompletableFuture<>();
        Thread waiting = new Thread(() -> second.complete(shared.get("a", () -> {
            throw new AssertionError("made twice");
        })));
        waiting.start();
        await().until(() -> waiting.getState() == Thread.State.WAITING);
        go.countDown();
        assertThat(second.get(10, TimeUnit.SECONDS)).isSameAs(first.get());
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
