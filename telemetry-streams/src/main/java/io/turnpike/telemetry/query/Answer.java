package io.turnpike.telemetry.query;

import java.time.Instant;
import java.util.Objects;
import java.util.function.Function;

/** A value out of the stores, with how fresh it is. */
public record Answer<T>(T value, Freshness freshness) {
    public Answer {
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(freshness, "freshness");
    }

    /** The same freshness around another value. */
    public <R> Answer<R> map(Function<? super T, ? extends R> function) {
        return new Answer<>(function.apply(value), freshness);
    }

    /** The same value, of which a part is as old as the instant. */
    public Answer<T> noNewerThan(Instant instant) {
        return new Answer<>(value, freshness.noNewerThan(instant));
    }
}
