package io.turnpike.system;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The container engine of this machine, for the tests that need one. Without one they are skipped, and say why on
 * standard output, where the last lines of a build pick it up.
 */
final class ContainerEngine {
    private static final long BUILD_MINUTES = 5;

    private ContainerEngine() {}

    /** Skips the test without an engine, and otherwise makes the images from what was built. */
    static void imagesOrSkip(String test) throws IOException, InterruptedException {
        // Not asked of Testcontainers, which would look for its smallest image, one that is made below, for two minutes.
        if (!engineAnswers()) {
            String reason = "no container engine answers (docker info)";
            System.out.println("SKIPPED " + test + ": " + reason);
            abort(reason);
        }
        run(List.of("deploy/build", "--skip-jars"), Map.of());
        System.out.println("RUNS ON CONTAINERS " + test);
    }

    private static boolean engineAnswers() throws InterruptedException {
        try {
            return new ProcessBuilder("docker", "info").redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Runs a program in the checkout's root, and fails if it does. */
    static void run(List<String> command, Map<String, String> environment) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(home().toFile()).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log()));
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(BUILD_MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError(command + " did not end within " + BUILD_MINUTES + " min; see " + log());
        }
        if (process.exitValue() != 0) {
            throw new AssertionError(command + " ended with " + process.exitValue() + "; see " + log());
        }
    }

    /** The checkout's root. */
    static Path home() {
        return Path.of(System.getProperty("turnpike.home")).toAbsolutePath();
    }

    private static File log() {
        return home().resolve("system-tests/target/containers.log").toFile();
    }
}
