package io.turnpike.telemetry.topology;

import io.turnpike.events.v1.ShareReport;
import io.turnpike.events.v1.TenantNodeUsage;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * Ends a transaction before its time where somebody waits for what it holds: a relay that asked for credit, for an Allocate
 * that waits or for calls that go on, or a caller of the API. A commit is that of all tasks of the stream thread and costs the rollups beside the ledger, whose
 * sums are written once a commit; hence not more often on one thread than every 25 ms. Thread-safe.
 */
final class EarlyCommit {
    static final long PAUSE_NANOS = 25_000_000;

    private final LongSupplier nanoClock;
    private final ThreadLocal<Long> askedAtNanos = new ThreadLocal<>();

    /** @param nanoClock monotonic clock */
    EarlyCommit(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** Called on the stream thread when it has forwarded what somebody waits for. */
    void somebodyWaits(ProcessorContext<?, ?> context) {
        long now = nanoClock.getAsLong();
        Long before = askedAtNanos.get();
        if (before == null || now - before >= PAUSE_NANOS) {
            askedAtNanos.set(now);
            context.commit();
        }
    }

    /** Whether what answers a report is waited for; a relay that spends evenly asks for credit every few minutes. */
    static boolean isWaitedFor(TenantNodeUsage usage) {
        ShareReport share = usage.getShare();
        return share != null && share.getSlotsWanted() > 0
                || usage.getAccounts().stream().anyMatch(account -> account.getWantBytes() > 0);
    }
}
