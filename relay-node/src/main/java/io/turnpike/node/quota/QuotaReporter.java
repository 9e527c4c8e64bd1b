package io.turnpike.node.quota;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The report thread: runs a {@link QuotaTable} on time, and at once when an event loop runs low on credit. */
public final class QuotaReporter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QuotaReporter.class);

    private final QuotaTable table;
    private final Supplier<Duration> closeTimeout;
    private final Thread thread = new Thread(this::run, "turnpike-quota");
    private volatile boolean closing;
    private volatile boolean stopped;

    /**
     * Makes a reporter; {@link #start} runs it.
     *
     * @param closeTimeout how long {@link #close} waits for the ledger to take the final reports; zero without Kafka
     */
    public QuotaReporter(QuotaTable table, Supplier<Duration> closeTimeout) {
        this.table = table;
        this.closeTimeout = closeTimeout;
        thread.setDaemon(true);
    }

    /** Starts the thread. */
    public void start() {
        table.onUrgent(() -> LockSupport.unpark(thread));
        thread.start();
    }

    private void run() {
        while (!stopped) {
            try {
                LockSupport.parkNanos(this, table.runDue());
            } catch (RuntimeException e) {
                LOG.error("quota reports failed", e);
            }
        }
    }

    /**
     * Settles all accounts, so that unspent credit goes back to the ledger, and stops. Call it after the allocations have
     * ended and before the publisher closes.
     */
    @Override
    public void close() {
        if (closing) {
            return;
        }
        closing = true;
        table.beginClose();
        long deadline = System.nanoTime() + closeTimeout.get().toNanos();
        while (!table.isSettled() && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(this, 10_000_000);
        }
        stopped = true;
        LockSupport.unpark(thread);
        try {
            thread.join(1_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        table.runDue();
    }
}
