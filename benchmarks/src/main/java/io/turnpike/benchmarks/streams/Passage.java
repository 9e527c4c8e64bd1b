package io.turnpike.benchmarks.streams;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * How a backlog passed through the application: from its first commit until users' usage holds all of it.
 *
 * @param records that were counted between the two
 * @param time between the two
 */
record Passage(long records, CpuClock time) {

    /** Watches until everything up to the ends is counted. */
    static Passage watch(Offsets offsets, Map<TopicPartition, Long> ends, Duration patience, long sampleMillis)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        long all = Offsets.inputs(ends);
        long idle = Offsets.inputs(offsets.committed());
        long first = idle;
        CpuClock begin = null;
        while (System.nanoTime() < deadline) {
            Map<TopicPartition, Long> committed = offsets.committed();
            long counted = Offsets.inputs(committed);
            if (begin == null && counted > idle) {
                begin = CpuClock.read();
                first = counted;
            }
            if (begin != null && counted >= all && offsets.isCountedThrough(committed)) {
                return new Passage(all - first, CpuClock.read().since(begin));
            }
            Thread.sleep(sampleMillis);
        }
        throw new IOException("the application has counted " + Offsets.inputs(offsets.committed()) + " of " + all
                + " events after " + patience.toSeconds() + " s");
    }
}
