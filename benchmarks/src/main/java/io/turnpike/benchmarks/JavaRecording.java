package io.turnpike.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A flight recording of another Java program on this machine, taken while it runs: which pauses it had and what its
 * threads allocated. The program needs no option for it and must belong to the same user.
 */
public final class JavaRecording implements AutoCloseable {
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final String HELP = "Usage: ./turnpike bench gc PID [--seconds N]   N is 60 unless told otherwise";
    private static final String NAME = "turnpike-pauses";
    private static final long JCMD_SECONDS = 60;

    private final long pid;
    private final Path folder;
    private final long startedAtNanos;

    private JavaRecording(long pid) throws IOException {
        this.pid = pid;
        folder = Files.createTempDirectory("turnpike-recording");
        Path settings = folder.resolve("pauses.jfc");
        try (InputStream bundled = JavaRecording.class.getResourceAsStream("pauses.jfc")) {
            Files.copy(bundled, settings, StandardCopyOption.REPLACE_EXISTING);
        }
        jcmd("JFR.start", "name=" + NAME, "settings=" + settings);
        startedAtNanos = System.nanoTime();
    }

    /**
     * Begins to record.
     *
     * @throws IOException if the program cannot be reached
     */
    public static JavaRecording start(long pid) throws IOException {
        return new JavaRecording(pid);
    }

    /** Ends the recording and reads it. */
    public JavaFindings stop() throws IOException {
        Duration recorded = Duration.ofNanos(System.nanoTime() - startedAtNanos);
        Path file = folder.resolve("recording.jfr");
        jcmd("JFR.stop", "name=" + NAME, "filename=" + file);
        return JavaFindings.read(file, recorded);
    }

    /** Removes the recording's files. */
    @Override
    public void close() throws IOException {
        try (var files = Files.list(folder)) {
            files.forEach(JavaRecording::delete);
        }
        Files.delete(folder);
    }

    /** The command line {@code bench gc PID [--seconds N]}; the exit code. */
    static int main(String... arguments) throws IOException, InterruptedException {
        if (arguments.length == 1 && (arguments[0].equals("--help") || arguments[0].equals("-h"))) {
            System.out.println(HELP);
            return 0;
        }
        boolean known = arguments.length == 1 && isNumber(arguments[0])
                || arguments.length == 3
                        && isNumber(arguments[0])
                        && arguments[1].equals("--seconds")
                        && isNumber(arguments[2]);
        if (!known) {
            System.err.println(HELP);
            return USAGE;
        }
        long pid = Long.parseLong(arguments[0]);
        if (ProcessHandle.of(pid).isEmpty()) {
            System.err.println("There is no process " + pid + ".");
            return FAILED;
        }
        long seconds = arguments.length == 3 ? Long.parseLong(arguments[2]) : 60;
        try (JavaRecording recording = start(pid)) {
            TimeUnit.SECONDS.sleep(seconds);
            System.out.print(recording.stop().describe());
        }
        return 0;
    }

    private static boolean isNumber(String text) {
        return text.matches("[0-9]{1,9}");
    }

    private void jcmd(String... command) throws IOException {
        String[] line = new String[command.length + 2];
        line[0] = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        line[1] = Long.toString(pid);
        System.arraycopy(command, 0, line, 2, command.length);
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(JCMD_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException("jcmd " + String.join(" ", command) + " failed for process " + pid + ": " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroy();
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
