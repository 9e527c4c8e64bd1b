package io.turnpike.node.turn;

import io.turnpike.stun.Lifetime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How long an allocation lives without a refresh (RFC 8656 sections 7.2 and 8.2).
 *
 * @param defaultLifetime given to who asks for less or for nothing; very short ones break clients that sleep
 * @param maxLifetime given to who asks for more
 */
public record Lifetimes(Duration defaultLifetime, Duration maxLifetime) {
    /** Refuses a default above the maximum. */
    public Lifetimes {
        if (defaultLifetime.isZero() || defaultLifetime.isNegative() || defaultLifetime.compareTo(maxLifetime) > 0) {
            throw new IllegalArgumentException("allocation.default-lifetime must be positive and at most"
                    + " allocation.max-lifetime: " + defaultLifetime + ", " + maxLifetime);
        }
    }

    /** The lifetime to grant: what is asked for, within default and maximum. */
    Duration granted(Optional<Lifetime> asked) {
        Duration wanted = asked.map(lifetime -> Duration.ofSeconds(lifetime.seconds())).orElse(defaultLifetime);
        if (wanted.compareTo(defaultLifetime) < 0) {
            return defaultLifetime;
        }
        return wanted.compareTo(maxLifetime) > 0 ? maxLifetime : wanted;
    }

    /**
     * As {@link #granted(Optional)}, but not beyond the credential.
     *
     * @param credentialDeadline seconds since 1970
     */
    Duration granted(Optional<Lifetime> asked, OptionalLong credentialDeadline, Instant now) {
        Duration lifetime = granted(asked);
        if (credentialDeadline.isEmpty()) {
            return lifetime;
        }
        long left = Duration.between(now, Instant.ofEpochSecond(credentialDeadline.getAsLong())).toSeconds();
        return left >= lifetime.toSeconds() ? lifetime : Duration.ofSeconds(Math.max(1, left));
    }

    static Lifetime attribute(Duration lifetime) {
        return new Lifetime(lifetime.toSeconds());
    }
}
