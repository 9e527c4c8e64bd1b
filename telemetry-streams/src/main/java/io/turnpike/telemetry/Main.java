package io.turnpike.telemetry;

import io.turnpike.telemetry.config.ConfigException;
import io.turnpike.telemetry.config.TelemetryConfig;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** The program {@code streams --config FILE}: the telemetry application alone, until the process is asked to end. */
public final class Main {
    private static final int BAD_USAGE = 64;
    private static final int CANNOT_START = 78;

    private Main() {}

    /** @param arguments {@code --config FILE} */
    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length != 2 || !arguments[0].equals("--config")) {
            System.err.println("usage: streams --config FILE");
            System.exit(BAD_USAGE);
        }
        try {
            TelemetryApp app = TelemetryApp.start(TelemetryConfig.load(Path.of(arguments[1])));
            Runtime.getRuntime().addShutdownHook(new Thread(app::close, "shutdown"));
        } catch (ConfigException | UncheckedIOException e) {
            System.err.println("cannot start: " + e.getMessage());
            System.exit(CANNOT_START);
        }
        new CountDownLatch(1).await();
    }
}
