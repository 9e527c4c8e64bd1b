package io.turnpike.benchmarks.relay;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Who runs where, and what a process has used: servers on one core, everything that loads them on another (Linux). */
final class Cores {
    static final int SERVER = 0;
    static final int LOAD = 1;

    private Cores() {}

    /** Whether there are two. */
    static boolean areEnough() {
        return Runtime.getRuntime().availableProcessors() > LOAD;
    }

    /** A command on one core. */
    static List<String> on(int core, List<String> command) {
        return Stream.concat(Stream.of("taskset", "-c", Integer.toString(core)), command.stream()).toList();
    }

    /** Moves this process, with all its threads, to a core. */
    static void move(int core) throws IOException, InterruptedException {
        new ProcessBuilder("taskset", "-a", "-c", "-p", Integer.toString(core),
                Long.toString(ProcessHandle.current().pid())).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
    }

    /** Memory of a process that is its own share, in bytes: PSS. */
    static long memoryBytes(long pid) {
        return kilobytes(Path.of("/proc/" + pid + "/smaps_rollup"), "Pss:");
    }

    /** Memory of the kernel for objects of all processes, in bytes: differences of it are a server's sockets. */
    static long kernelBytes() {
        return kilobytes(Path.of("/proc/meminfo"), "Slab:");
    }

    private static long kilobytes(Path file, String name) {
        try {
            return Files.readAllLines(file).stream().filter(line -> line.startsWith(name))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024).findFirst().orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
