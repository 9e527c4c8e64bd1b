package io.turnpike.node.quota;

import io.turnpike.node.quota.SpendLog.GraceUse;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a node lets a tenant use beyond its grants while the ledger is silent (QUOTA.md rule 10). Under SAFE_RATE this is a
 * bounded rate out of a budget for the period, of which as much is written down before it is used as the next seconds may
 * take: neither a new loss of control nor a new process begins it anew. Guarded by the tenant.
 */
final class Grace {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final int BITS_PER_BYTE = 8;
    private static final long LEAST_BURST_BYTES = 3_000;
    private static final long LEAST_STEP_BYTES = 64 * 1024;
    /** Under ALLOW data goes on: loops find this much, or ten seconds' worth. */
    private static final long ALLOWED_BYTES = 16 * 1024 * 1024;
    private static final int ALLOWED_SECONDS = 10;

    private final String tenantId;
    private final Instant knownSince;
    private final Map<String, GraceUse> inherited = new TreeMap<>();
    /** Written down, what earlier processes used included. */
    private final Map<String, GraceUse> reserved = new TreeMap<>();
    private boolean needsReserve;
    private double tokens;
    private long refilledAtNanos;

    Grace(String tenantId, NodeContext context) {
        this.tenantId = tenantId;
        knownSince = context.graceKnownSince();
        context.spendLog().flatMap(SpendLog::inherited).ifPresent(page -> page.grace().stream()
                .filter(use -> use.tenantId().equals(tenantId)).forEach(use -> inherited.put(use.periodId(), use)));
        reserved.putAll(inherited);
        refilledAtNanos = context.nanos();
        tokens = Double.MAX_VALUE;
    }

    /**
     * Lets an account draw on, by what is due.
     *
     * @param account whose period is known
     */
    void lift(Account account, QuotaPolicy policy, SpendingRate rate, long nowNanos) {
        long rest = account.credit().restBytes();
        long bytes = switch (policy.onControlLoss()) {
            case STOP -> 0;
            case SAFE_RATE -> dueBytes(account, policy, rest, nowNanos);
            case ALLOW -> allowedBytes(rate, rest);
        };
        if (bytes > 0) {
            account.credit().lift(bytes);
        }
    }

    private static long allowedBytes(SpendingRate rate, long restBytes) {
        long ample = Math.max(ALLOWED_BYTES, rate.bytesPerSecond() * ALLOWED_SECONDS);
        return restBytes < ample / 2 ? ample - restBytes : 0;
    }

    private long dueBytes(Account account, QuotaPolicy policy, long restBytes, long nowNanos) {
        long perSecond = policy.safeRate().bitsPerSecond() / BITS_PER_BYTE;
        long burst = Math.max(LEAST_BURST_BYTES, perSecond);
        double fresh = (double) perSecond * (nowNanos - refilledAtNanos) / NANOS_PER_SECOND;
        refilledAtNanos = nowNanos;
        tokens = Math.min(burst, tokens + fresh);
        long wanted = Math.min((long) tokens, burst - restBytes);
        long ready = reservedBytes(account) - usedBytes(account);
        needsReserve = ready < Math.max(burst, stepBytes(policy) / 2)
                && reservedBytes(account) < budget(account, policy);
        long bytes = Math.max(0, Math.min(wanted, ready));
        tokens -= bytes;
        return bytes;
    }

    /** Whether anything is left to go on with. */
    boolean isLeft(Account account, QuotaPolicy policy) {
        return switch (policy.onControlLoss()) {
            case STOP -> false;
            case SAFE_RATE -> usedBytes(account) < budget(account, policy);
            case ALLOW -> true;
        };
    }

    /** Nothing is left in a period in which nobody knows what earlier processes used. */
    private long budget(Account account, QuotaPolicy policy) {
        boolean isKnown = account.period() != null && !account.period().start().isBefore(knownSince);
        return isKnown ? policy.safeRate().graceBytes() : 0;
    }

    private long usedBytes(Account account) {
        return bytesIn(inherited, account) + account.credit().liftedBytes();
    }

    private long reservedBytes(Account account) {
        return bytesIn(reserved, account);
    }

    private static long bytesIn(Map<String, GraceUse> uses, Account account) {
        GraceUse use = account.period() == null ? null : uses.get(account.period().id());
        return use == null ? 0 : use.bytes();
    }

    private static long stepBytes(QuotaPolicy policy) {
        return Math.max(LEAST_STEP_BYTES, policy.safeRate().graceBytes() / 8);
    }

    /** Whether more must be written down before it is used. */
    boolean needsReserve() {
        return needsReserve;
    }

    /** What to write down now: everything so far, and the next step if one is needed. */
    Collection<GraceUse> proposal(Account account, QuotaPolicy policy, Instant now) {
        Map<String, GraceUse> uses = new TreeMap<>(reserved);
        uses.values().removeIf(use -> use.periodEnd().isBefore(now.minus(SpendAhead.MEMORY)));
        if (needsReserve && account.period() != null) {
            long bytes = Math.min(budget(account, policy),
                    Math.max(reservedBytes(account), usedBytes(account)) + stepBytes(policy));
            uses.put(account.period().id(), new GraceUse(tenantId, account.period().id(), account.period().end(),
                    Math.max(reservedBytes(account), bytes)));
        }
        return uses.values();
    }

    /** A proposal is on disk. */
    void written(Collection<GraceUse> uses) {
        reserved.clear();
        uses.forEach(use -> reserved.put(use.periodId(), use));
        needsReserve = false;
    }
}
