package io.turnpike.telemetry.topology;

import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.Traffic;

/**
 * Spreads the traffic of an interval over the minutes that it touches, evenly in time and without losing or making a
 * byte: the parts always add up to the whole.
 */
public final class IntervalSplit {
    /** Longer intervals are spread over the first minutes of their hours, so that one delta makes few rows. */
    private static final long FINE_MILLIS = 24 * Bucket.HOUR.length().toMillis();

    private IntervalSplit() {}

    /** Takes one part. */
    @FunctionalInterface
    public interface PartConsumer {
        /** @param minuteMillis start of the minute, milliseconds since 1970 */
        void accept(long minuteMillis, Traffic part);
    }

    /**
     * Splits an interval.
     *
     * @param startMillis start of the interval
     * @param endMillis end of it, exclusive; at the start for an instant
     */
    public static void split(long startMillis, long endMillis, Traffic traffic, PartConsumer parts) {
        long length = endMillis - startMillis;
        if (length <= 0) {
            parts.accept(Bucket.MINUTE.startOf(startMillis), traffic);
            return;
        }
        Bucket grain = length > FINE_MILLIS ? Bucket.HOUR : Bucket.MINUTE;
        long step = grain.length().toMillis();
        for (long bucket = grain.startOf(startMillis); bucket < endMillis; bucket += step) {
            Traffic part = traffic.part(Math.max(bucket, startMillis) - startMillis,
                    Math.min(bucket + step, endMillis) - startMillis, length);
            if (!part.isZero()) {
                parts.accept(bucket, part);
            }
        }
    }
}
