package io.turnpike.node.quota;

import io.turnpike.node.quota.SpendLog.Claim;
import io.turnpike.node.quota.SpendLog.GraceUse;
import io.turnpike.node.quota.SpendLog.Outcome;
import io.turnpike.node.quota.SpendLog.Page;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Keeps the {@link SpendLog} ahead of what tenants may spend: one write at a time, for all of them together. Called by the
 * report thread; what became of a write may come on any.
 */
final class SpendAhead {
    /** How long a period's use is kept after its end. */
    static final Duration MEMORY = Duration.ofDays(2);
    /** A process that is killed strands at most this, or what its rate takes in {@link #STEP_SECONDS}. */
    private static final long STEP_BYTES = 1024 * 1024;
    private static final int STEP_SECONDS = 5;
    private static final long RETRY_NANOS = 1_000_000_000L;

    private final SpendLog log;
    private final NodeContext context;
    private final AtomicBoolean writing = new AtomicBoolean();
    private volatile Outcome last = Outcome.WRITTEN;
    private volatile long triedAtNanos;

    SpendAhead(SpendLog log, NodeContext context) {
        this.log = log;
        this.context = context;
    }

    /** How far ahead of U a ceiling is written. */
    static long stepBytes(SpendingRate rate) {
        return Math.max(STEP_BYTES, rate.bytesPerSecond() * STEP_SECONDS);
    }

    /** What one tenant must have written down before it spends on. */
    record Proposal(Map<Account, Long> ceilings, List<Claim> claims, Collection<GraceUse> grace) {
        static Proposal of(Collection<GraceUse> grace) {
            return new Proposal(new LinkedHashMap<>(), new ArrayList<>(), List.copyOf(grace));
        }
    }

    /** Writes if somebody needs it, or if what was written last is not what holds. */
    void run(Collection<ScopedQuota> tenants, long nowNanos) {
        boolean retries = last != Outcome.WRITTEN;
        if (retries && nowNanos - triedAtNanos < RETRY_NANOS
                || !retries && tenants.stream().noneMatch(ScopedQuota::mustWriteDown)
                || !writing.compareAndSet(false, true)) {
            return;
        }
        triedAtNanos = nowNanos;
        Map<ScopedQuota, Proposal> proposals = new LinkedHashMap<>();
        List<Claim> claims = new ArrayList<>();
        List<GraceUse> grace = new ArrayList<>();
        tenants.forEach(tenant -> {
            Proposal proposal = tenant.proposeSpending();
            proposals.put(tenant, proposal);
            claims.addAll(proposal.claims());
            grace.addAll(proposal.grace());
        });
        log.write(new Page(claims, grace, context.graceKnownSince()), outcome -> {
            last = outcome;
            proposals.forEach((tenant, proposal) -> tenant.writtenDown(proposal, outcome));
            writing.set(false);
            tenants.stream().filter(ScopedQuota::mustWriteDown).forEach(context.urgent());
        });
    }

    /** Whether what may be spent is written down ahead; if not, a process that is killed leaves its grants charged. */
    boolean isKept() {
        return last == Outcome.WRITTEN;
    }
}
