package io.turnpike.node.allocation;

import io.turnpike.node.event.EndReason;
import java.time.Duration;

/** Ends an allocation with the credential that made or last refreshed it, whatever lifetime it was granted. */
final class CredentialDeadline extends Expiring {
    /** A user name may tell a year that no clock of nanoseconds reaches. */
    static final Duration FARTHEST = Duration.ofDays(36_500);

    private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();

    private final AllocationTable table;
    private final Allocation allocation;

    CredentialDeadline(AllocationTable table, Allocation allocation) {
        this.table = table;
        this.allocation = allocation;
    }

    @Override
    protected void expired(long nowNanos) {
        table.end(allocation, EndReason.CREDENTIAL_EXPIRED);
    }

    /** Whether a lifetime that ends now was cut by it: lifetimes have whole seconds. */
    boolean cuts(long nowNanos) {
        return deadlineNanos() - nowNanos <= SECOND_NANOS;
    }
}
