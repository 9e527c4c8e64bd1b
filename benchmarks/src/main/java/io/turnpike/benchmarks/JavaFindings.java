package io.turnpike.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/**
 * What a flight recording says of a Java program: how long its threads were stopped, and by what, and how much each of
 * them allocated.
 *
 * @param recorded how long was recorded
 * @param collections collections of any kind
 * @param pauses stops of all threads, the collector's and others, in the order of the recording
 * @param allocatedBytes bytes that were allocated during the recording, by name of the thread; threads of one name are
 *            added up, and one that ended before the recording did is left out
 */
public record JavaFindings(Duration recorded, int collections, List<Pause> pauses, Map<String, Long> allocatedBytes) {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int THREADS_SHOWN = 12;

    /** Takes its own copies. */
    public JavaFindings {
        pauses = List.copyOf(pauses);
        allocatedBytes = Map.copyOf(allocatedBytes);
    }

    /**
     * One stop of all threads.
     *
     * @param cause what stopped them, such as {@code GC Pause} or an operation of the Java machine
     * @param collector whether it was the collector
     */
    public record Pause(String cause, boolean collector, Duration length) {}

    /**
     * Reads a recording that was made with {@code pauses.jfc}.
     *
     * @param recorded how long it ran
     */
    public static JavaFindings read(Path recording, Duration recorded) throws IOException {
        int collections = 0;
        List<Pause> pauses = new ArrayList<>();
        Map<Long, long[]> firstAndLast = new HashMap<>();
        Map<Long, String> names = new HashMap<>();
        try (RecordingFile events = new RecordingFile(recording)) {
            while (events.hasMoreEvents()) {
                RecordedEvent event = events.readEvent();
                switch (event.getEventType().getName()) {
                    case "jdk.GarbageCollection" -> collections++;
                    case "jdk.GCPhasePause" -> pauses
                            .add(new Pause(event.getString("name"), true, event.getDuration()));
                    case "jdk.ExecuteVMOperation" -> {
                        String operation = event.getString("operation");
                        if (event.getBoolean("safepoint") && !isCollection(operation)) {
                            pauses.add(new Pause(operation, false, event.getDuration()));
                        }
                    }
                    case "jdk.ThreadAllocationStatistics" -> {
                        RecordedThread thread = event.getThread("thread");
                        if (thread != null) {
                            long allocated = event.getLong("allocated");
                            long[] range = firstAndLast.computeIfAbsent(thread.getId(),
                                    id -> new long[]{allocated, allocated});
                            range[0] = Math.min(range[0], allocated);
                            range[1] = Math.max(range[1], allocated);
                            names.put(thread.getId(), nameOf(thread));
                        }
                    }
                    default -> {
                        // not asked for
                    }
                }
            }
        }
        Map<String, Long> allocated = new HashMap<>();
        firstAndLast.forEach((id, range) -> allocated.merge(names.get(id), range[1] - range[0], Long::sum));
        return new JavaFindings(recorded, collections, pauses, allocated);
    }

    /** The collector's longest stop; zero if it never stopped the program. */
    public Duration longestCollectorPause() {
        return pauses.stream().filter(Pause::collector).map(Pause::length).max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
    }

    /** The longest stop of any kind. */
    public Duration longestPause() {
        return pauses.stream().map(Pause::length).max(Comparator.naturalOrder()).orElse(Duration.ZERO);
    }

    /** Bytes allocated each second by all threads together. */
    public double allocatedBytesPerSecond() {
        return perSecond(allocatedBytes.values().stream().mapToLong(Long::longValue).sum());
    }

    /** Bytes allocated by threads whose name begins so. */
    public long allocatedBytesOf(String threadNamePrefix) {
        return allocatedBytes.entrySet().stream().filter(thread -> thread.getKey().startsWith(threadNamePrefix))
                .mapToLong(Map.Entry::getValue).sum();
    }

    /** For people, several lines. */
    public String describe() {
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT,
                "%.1f s: %d collections, longest pause of the collector %.3f ms, of anything %.3f ms%n",
                recorded.toNanos() / NANOS_PER_SECOND, collections, millis(longestCollectorPause()),
                millis(longestPause())));
        text.append(String.format(Locale.ROOT, "allocated %.0f bytes/s%n", allocatedBytesPerSecond()));
        allocatedBytes.entrySet().stream().sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(THREADS_SHOWN).filter(thread -> thread.getValue() > 0)
                .forEach(thread -> text.append(String.format(Locale.ROOT, "%12.0f bytes/s  %s%n",
                        perSecond(thread.getValue()), thread.getKey())));
        return text.toString();
    }

    private double perSecond(long bytes) {
        return bytes * NANOS_PER_SECOND / recorded.toNanos();
    }

    private static double millis(Duration length) {
        return length.toNanos() / NANOS_PER_MILLI;
    }

    /** Operations of the collector are in the recording a second time, as its pauses. */
    private static boolean isCollection(String operation) {
        return operation.contains("Collect") || operation.startsWith("G1") || operation.startsWith("Z")
                || operation.startsWith("Shenandoah");
    }

    private static String nameOf(RecordedThread thread) {
        return thread.getJavaName() != null ? thread.getJavaName() : String.valueOf(thread.getOSName());
    }
}
