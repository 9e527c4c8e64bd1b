package io.turnpike.benchmarks.streams;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;

/** CPU time of this process and of its stream threads, nanoseconds. */
record CpuClock(long wallNanos, long processNanos, long streamNanos) {
    private static final String STREAM_THREAD = "-StreamThread-";

    /** The readings now. The calling thread's own time is taken off the process's. */
    static CpuClock read() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long streams = 0;
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null && isStreamThread(thread.getThreadName())) {
                streams += Math.max(0, threads.getThreadCpuTime(thread.getThreadId()));
            }
        }
        OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new CpuClock(System.nanoTime(), process.getProcessCpuTime() - threads.getCurrentThreadCpuTime(),
                streams);
    }

    /** Its clients' threads carry its name in theirs. */
    private static boolean isStreamThread(String name) {
        int at = name.lastIndexOf(STREAM_THREAD);
        return at >= 0 && name.substring(at + STREAM_THREAD.length()).chars().allMatch(Character::isDigit);
    }

    CpuClock since(CpuClock before) {
        return new CpuClock(wallNanos - before.wallNanos, processNanos - before.processNanos,
                streamNanos - before.streamNanos);
    }

    double seconds() {
        return wallNanos / 1e9;
    }
}
