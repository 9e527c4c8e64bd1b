package io.turnpike.telemetry.api;

import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.Freshness;
import io.turnpike.telemetry.query.StoreUnavailable;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/** How well the stores can be read behind the fakes: when their answers are of, and whether there are any. */
final class FakeStores {
    private final Clock clock;
    private Optional<Freshness> freshness = Optional.empty();
    private Optional<StoreUnavailable> unavailable = Optional.empty();

    FakeStores(Clock clock) {
        this.clock = clock;
    }

    synchronized void clear() {
        freshness = Optional.empty();
        unavailable = Optional.empty();
    }

    synchronized void freshness(Freshness fixed) {
        freshness = Optional.of(fixed);
    }

    synchronized void unavailable(Duration retryAfter) {
        unavailable = Optional.of(new StoreUnavailable("the store is restoring", retryAfter));
    }

    synchronized void available() {
        unavailable = Optional.empty();
    }

    synchronized <T> Answer<T> answer(T value) {
        unavailable.ifPresent(reason -> {
            throw reason;
        });
        return new Answer<>(value, freshness.orElseGet(() -> Freshness.complete(clock.instant(), 12)));
    }
}
