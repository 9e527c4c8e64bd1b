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
 * @param residentBytes pages of the whole process in memory, the heap and what is outside of it; 0 where the system has no
 *        {@code /proc}
 */
public record MemoryUse(long heapBytes, long heapCommittedBytes, long residentBytes) {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";
    private static final int KIBIBYTE = 1 << 10;
    private static final double MEBIBYTE = 1 << 20;

    /** Collects garbage, whole heap and all, and looks then. */
    public static MemoryUse afterCollection() throws IOException {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        memory.gc();
        MemoryUsage heap = memory.getHeapMemoryUsage();
        return new MemoryUse(heap.getUsed(), heap.getCommitted(), resident());
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
        return "%,.0f MiB in the heap, which has %,.0f; %,.0f resident".formatted(heapBytes / MEBIBYTE,
                heapCommittedBytes / MEBIBYTE, residentBytes / MEBIBYTE);
    }
}
