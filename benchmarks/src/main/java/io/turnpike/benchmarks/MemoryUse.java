package io.turnpike.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What this process holds.
 *
 * @param heapBytes objects in the heap that are reachable
 * @param heapCommittedBytes what the heap has of the operating system for them
 * @param residentBytes pages of the whole process in memory, the heap and what is outside of it, but not those of files
 *        that are mapped, which the system takes back as it likes; 0 where the system has no {@code /proc}
 */
public record MemoryUse(long heapBytes, long heapCommittedBytes, long residentBytes) {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "RssAnon:";
    private static final int KIBIBYTE = 1 << 10;
    private static final int MOST_LOOKS = 50;
    private static final long LOOK_MILLIS = 500;
    private static final double MEBIBYTE = 1 << 20;

    /** Collects garbage, whole heap and all, and looks when the system has back what the heap does not need any more. */
    public static MemoryUse afterCollection() throws IOException, InterruptedException {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        memory.gc();
        MemoryUsage heap = memory.getHeapMemoryUsage();
        return new MemoryUse(heap.getUsed(), heap.getCommitted(), settled());
    }

    /** G1 gives memory back bit by bit, after the collection. */
    private static long settled() throws IOException, InterruptedException {
        long resident = resident();
        for (int look = 0; look < MOST_LOOKS; look++) {
            Thread.sleep(LOOK_MILLIS);
            long now = resident();
            if (now >= resident) {
                return now;
            }
            resident = now;
        }
        return resident;
    }

    private static long resident() throws IOException {
        if (!Files.isReadable(STATUS)) {
            return 0;
        }
        return Files.readAllLines(STATUS).stream().filter(line -> line.startsWith(RESIDENT))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIBIBYTE).findFirst().orElse(0);
    }

    /** For people. */
    public String describe() {
        return "%,.0f MiB in the heap, which has %,.0f; %,.0f resident without files".formatted(heapBytes / MEBIBYTE,
                heapCommittedBytes / MEBIBYTE, residentBytes / MEBIBYTE);
    }
}
