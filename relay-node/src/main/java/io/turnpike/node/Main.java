package io.turnpike.node;

import io.netty.util.ResourceLeakDetector;
import io.turnpike.node.config.RelayConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** The program {@code relay --config FILE}: one relay node, until the process is told to end. */
public final class Main {
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final String LEAK_DETECTION = "io.netty.leakDetection.level";
    private static final String OLD_LEAK_DETECTION = "io.netty.leakDetectionLevel";

    private Main() {}

    /** Starts the node; exits with 1 and a message that names the key if it cannot. */
    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length != 2 || !arguments[0].equals("--config")) {
            System.err.println("usage: relay --config FILE");
            System.exit(USAGE);
            return;
        }
        if (System.getProperty(LEAK_DETECTION) == null && System.getProperty(OLD_LEAK_DETECTION) == null) {
            // Netty notes the stack of every hundredth buffer; the tests do so for each one.
            ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        }
        RelayNode node;
        try {
            RelayConfig config = RelayConfig.load(Path.of(arguments[1]), System.getenv());
            OpenFileLimit.shortage(config).ifPresent(shortage -> System.out.println("warning: " + shortage));
            node = RelayNode.start(config);
        } catch (RuntimeException | IOException e) {
            System.err.println("relay: " + e.getMessage());
            System.exit(FAILED);
            return;
        }
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            node.drainAndClose();
            stopped.countDown();
        }, "relay-stop"));
        node.listeners().forEach(listener -> System.out.println("listening " + listener.transport().label() + " "
                + listener.address().getAddress().getHostAddress() + ":" + listener.address().getPort()));
        System.out.println("READY");
        stopped.await();
    }
}
