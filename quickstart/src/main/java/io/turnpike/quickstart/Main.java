package io.turnpike.quickstart;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Model.CommandSpec;

/** {@code ./turnpike up}: runs a quickstart in the foreground until it is told to stop. */
@Command(name = "turnpike up", sortOptions = false, description = "Runs a whole Turnpike on this machine's loopback addresses: a Kafka broker, relays, telemetry.")
public final class Main implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--relays", defaultValue = "2", paramLabel = "N", description = "Relays, 1 to 8; default ${DEFAULT-VALUE}.")
    private int relays;

    @Option(names = "--data", paramLabel = "DIR", description = "Folder that keeps the state; the next start goes on from it. Default: .turnpike beside the launcher.")
    private Path data;

    @Option(names = "--demo", description = "Sends synthetic calls, so that the dashboard moves.")
    private boolean demo;

    @Option(names = "--relay-port", defaultValue = "3478", paramLabel = "PORT", description = "STUN/TURN port of relay 1; relay i adds 10(i-1). Default ${DEFAULT-VALUE}.")
    private int relayPort;

    @Option(names = "--tls-port", defaultValue = "5349", paramLabel = "PORT", description = "STUN/TURN port of relay 1 over TLS and DTLS; relay i adds 10(i-1). Default ${DEFAULT-VALUE}.")
    private int tlsPort;

    @Option(names = "--admin-port", defaultValue = "9101", paramLabel = "PORT", description = "Health and metrics of relay 1; relay i adds i-1. Default ${DEFAULT-VALUE}.")
    private int adminPort;

    @Option(names = "--api-port", defaultValue = "8080", paramLabel = "PORT", description = "API and dashboard. Default ${DEFAULT-VALUE}.")
    private int apiPort;

    @Option(names = "--kafka-port", defaultValue = "9092", paramLabel = "PORT", description = "Kafka. Default ${DEFAULT-VALUE}.")
    private int kafkaPort;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Shows this help.")
    private boolean help;

    private Main() {}

    /** Exit codes: 1 could not start, 2 wrong options; ended by a signal, the Java machine says 130 (Ctrl-C) or 143. */
    public static void main(String[] args) {
        // The configuration of the logs, unless whoever starts the program names another.
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "logback-quickstart.xml");
        }
        int exitCode = new CommandLine(new Main()).execute(args);
        // Libraries may keep threads; the exit code is the answer.
        System.exit(exitCode);
    }

    @Override
    public Integer call() throws InterruptedException {
        QuickstartOptions options = options();
        Path folder = options.data().toAbsolutePath().normalize();
        System.setProperty("turnpike.log", folder.resolve("turnpike.log").toString());
        List<String> taken = PortCheck.takenPorts(options.ports(), options.relays());
        if (!taken.isEmpty() && DataFolder.isTaken(folder)) {
            return failed("Turnpike cannot start: " + DataFolder.inUse(folder));
        }
        if (!taken.isEmpty()) {
            return failed(String.join(System.lineSeparator(), taken));
        }
        try {
            runUntilStopped(options);
            return 0;
        } catch (IOException | RuntimeException e) {
            LoggerFactory.getLogger(Main.class).error("cannot start", e);
            String reason = e.getMessage() != null ? e.getMessage() : e.toString();
            return failed("Turnpike cannot start: " + reason + System.lineSeparator() + "Details: "
                    + folder.resolve("turnpike.log"));
        }
    }

    private QuickstartOptions options() {
        try {
            Ports ports = new Ports(relayPort, tlsPort, adminPort, apiPort, kafkaPort);
            Path folder = data != null ? data : Path.of(System.getProperty("turnpike.home", "."), ".turnpike");
            return new QuickstartOptions(relays, folder, demo, ports);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    private void runUntilStopped(QuickstartOptions options) throws IOException, InterruptedException {
        CountDownLatch stopped = new CountDownLatch(1);
        Thread starter = Thread.currentThread();
        Shutdown shutdown = new Shutdown(starter, stopped);
        Runtime.getRuntime().addShutdownHook(shutdown);
        try (Quickstart quickstart = Quickstart.start(options, this::say)) {
            say(Banner.of(options, quickstart));
            say("READY");
            shutdown.awaitSignal();
            say("Stopping ...");
        } catch (InterruptedException e) {
            say("Stopping before the start was complete ...");
        } finally {
            stopped.countDown();
        }
    }

    private void say(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }

    private int failed(String message) {
        spec.commandLine().getErr().println(message);
        spec.commandLine().getErr().flush();
        return CommandLine.ExitCode.SOFTWARE;
    }
}
