package io.turnpike.benchmarks.relay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The load generator, a C program that is built when it is first needed: it must cost less than any server that it drives,
 * so that the server is what saturates (docs/decisions/0021).
 */
final class Load {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int STOP_SECONDS = 120;

    private final Path program;

    private Load(Path program) {
        this.program = program;
    }

    /**
     * What a run came to.
     *
     * @param answer what the generator counted
     */
    record Run(JsonNode answer) {
        double number(String name) {
            return answer.path(name).asDouble();
        }

        double seconds() {
            return number("seconds");
        }

        /** CPU time of the server for each thing counted, in microseconds. */
        double cpuMicros(String counted) {
            return 1e6 * number("serverCpuSeconds") / Math.max(1, number(counted));
        }

        /** Share of its core that the server used. */
        double serverShare() {
            return number("serverCpuSeconds") / seconds();
        }

        double perSecond(String counted) {
            return number(counted) / seconds();
        }

        /** Share of what was sent that did not arrive, 0 to 1. */
        double loss() {
            return 1 - number("received") / Math.max(1, number("sent"));
        }

        /** Share of its core that the generator used: at 1 it may be what limits. */
        double generatorShare() {
            return number("generatorCpuSeconds") / seconds();
        }
    }

    /** Builds the generator, unless it is newer than its sources; as {@link CPrograms#build}. */
    static Load build(Path home) throws IOException, InterruptedException {
        return new Load(CPrograms.build(home, "", "turnload", "-lm", "-lssl", "-lcrypto"));
    }

    /**
     * Runs the generator against a server to its end, which comes in bounded time whatever the server does.
     *
     * @throws IOException if the server has ended, does not answer, refuses, or gives back nothing or other data than it was given
     */
    Run run(Server server, Transport transport, String command, List<String> arguments)
            throws IOException, InterruptedException {
        Process process = start(server, transport, command, arguments);
        JsonNode answer = JSON.createObjectNode();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            String line = lines.readLine();
            if (line != null) {
                answer = JSON.readTree(line);
            }
        }
        if (process.waitFor() != 0) {
            throw new IOException(
                    describeFailure(process, answer) + " (" + command + " over " + transport.option() + " "
                            + String.join(" ", arguments) + ")");
        }
        Run run = new Run(answer);
        if (run.number("received") + run.number("cycles") == 0) {
            throw new IOException("nothing came back, or the machine let the generator run no more");
        }
        return run;
    }

    private static String describeFailure(Process process, JsonNode answer) throws IOException {
        if (answer.path("wrong").asLong() > 0) {
            return answer.path("wrong").asText() + " packets came back changed, or to the wrong socket";
        }
        try (BufferedReader errors = process.errorReader(StandardCharsets.UTF_8)) {
            String first = errors.readLine();
            return first == null ? "the load generator ended with " + process.exitValue() : first;
        }
    }

    /**
     * Makes allocations that live until the answer is closed.
     *
     * @throws IOException if the server refuses one
     */
    Held hold(Server server, int allocations) throws IOException, InterruptedException {
        Process process = start(server, Transport.UDP, "hold", List.of("--spares", Integer.toString(allocations)));
        if (process.inputReader(StandardCharsets.UTF_8).readLine() == null) {
            process.waitFor();
            throw new IOException(describeFailure(process, JSON.createObjectNode()) + " (hold " + allocations + ")");
        }
        return new Held(process);
    }

    /** Allocations that live. */
    record Held(Process process) {
        /** Releases them. */
        void close() throws IOException {
            process.getOutputStream().close();
            try {
                process.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            process.destroy();
        }
    }

    private Process start(Server server, Transport transport, String command, List<String> arguments)
            throws IOException {
        if (!server.process().isAlive()) {
            throw new IOException("the server has ended");
        }
        List<String> line = new ArrayList<>(List.of(program.toString(), command, "--port",
                Integer.toString(server.port(transport)), "--pid", Long.toString(server.pid()), "--transport",
                transport.option(), "--user", server.user(),
                "--password", server.password()));
        line.addAll(arguments);
        return new ProcessBuilder(Cores.on(Cores.LOAD, line)).start();
    }
}
