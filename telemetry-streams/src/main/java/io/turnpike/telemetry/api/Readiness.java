package io.turnpike.telemetry.api;

import java.util.List;
import java.util.Optional;

/**
 * Whether the program can answer.
 *
 * @param ready whether it can
 * @param detail what it is waiting for, for people; empty if ready
 * @param restore how far stores are that are read back first; empty if it does not wait for them
 */
public record Readiness(boolean ready, String detail, Optional<Restore> restore) {
    /**
     * Stores that are read back from Kafka.
     *
     * @param stores their names, ascending
     * @param recordsLeft records that are still to be read
     * @param percentDone how much is done, 0 to 100
     */
    public record Restore(List<String> stores, long recordsLeft, int percentDone) {
        public Restore {
            stores = List.copyOf(stores);
        }
    }

    /** It can. */
    public static Readiness yes() {
        return new Readiness(true, "", Optional.empty());
    }

    /** It cannot yet, or not any more. */
    public static Readiness no(String detail) {
        return new Readiness(false, detail, Optional.empty());
    }

    /** It cannot before stores are read back. */
    public static Readiness restoring(Restore restore) {
        return new Readiness(false, "restoring stores, " + restore.percentDone() + " % done, " + restore.recordsLeft()
                + " records left: " + String.join(", ", restore.stores()), Optional.of(restore));
    }
}
