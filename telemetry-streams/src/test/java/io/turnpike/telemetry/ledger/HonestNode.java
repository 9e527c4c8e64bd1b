package io.turnpike.telemetry.ledger;

import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.events.v1.EventHeader;
import io.turnpike.events.v1.QuotaAccountReport;
import io.turnpike.events.v1.TenantNodeUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A small model of a relay that keeps the rules: it debits before it forwards, takes only a higher sequence, cuts its
 * cap before it reports the cut, and never forgets an account before the ledger has closed it.
 */
public final class HonestNode {
    /** What a node knows of one account. */
    static final class Account {
        final String periodId;
        final Instant start;
        final Instant end;
        long seq;
        long cap;
        long drawn;
        long lastRaise;
        boolean closing;
        boolean closed;

        Account(String periodId, Instant start, Instant end) {
            this.periodId = periodId;
            this.start = start;
            this.end = end;
        }
    }

    final String nodeId;
    final long epoch;
    final long nonce;
    final Duration skew;
    final Map<String, Account> accounts = new TreeMap<>();
    long policyEpoch;
    long rate;
    boolean demand;
    boolean stopping;
    private boolean starved;
    private long nodeSeq;

    public HonestNode(String nodeId, long epoch, long nonce, Duration skew) {
        this.nodeId = nodeId;
        this.epoch = epoch;
        this.nonce = nonce;
        this.skew = skew;
    }

    private Account current(Instant now) {
        Instant local = now.plus(skew);
        return accounts.values().stream()
                .filter(account -> !local.isBefore(account.start) && local.isBefore(account.end)).findFirst()
                .orElse(null);
    }

    /** Forwards a datagram if there is credit; returns the period that it was booked to, or null for a drop. */
    public String forward(int length, Instant now) {
        Account account = current(now);
        if (stopping || account == null || account.closing || account.drawn + length > account.cap) {
            starved = true;
            return null;
        }
        account.drawn += length;
        return account.periodId;
    }

    public void accept(QuotaGrant grant) {
        if (!grant.getNodeId().equals(nodeId) || grant.getNodeEpoch() != epoch || grant.getProcessNonce() != nonce) {
            return;
        }
        Account account = accounts.computeIfAbsent(grant.getPeriodId(),
                id -> new Account(id, grant.getPeriodStart(), grant.getPeriodEnd()));
        account.closed |= grant.getClosed();
        if (stopping && !account.closing) {
            account.closing = true;
        }
        if (account.closing || grant.getGrantSeq() <= account.seq) {
            return;
        }
        account.seq = grant.getGrantSeq();
        account.lastRaise = Math.max(0, grant.getGrantBytes() - account.cap);
        account.cap = Math.max(grant.getGrantBytes(), account.drawn);
        starved = false;
        if (grant.getRecall()) {
            account.cap = Math.max(account.drawn, Math.min(account.cap, account.drawn + Math.max(16 * 1024, rate * 5)));
        }
    }

    /** Starts or ends the wish to forward. */
    public void follow(long epochOfPolicy, boolean wish) {
        policyEpoch = epochOfPolicy;
        demand = wish;
    }

    /** Bytes forwarded in all periods. */
    public long forwardedBytes() {
        return accounts.values().stream().mapToLong(account -> account.drawn).sum();
    }

    /** Gives back everything that is not drawn. */
    void returnIdleCredit() {
        accounts.values().forEach(account -> account.cap = account.drawn);
    }

    void stop() {
        stopping = true;
        accounts.values().forEach(account -> {
            account.closing = true;
            account.cap = account.drawn;
        });
    }

    boolean isSettled() {
        return stopping && accounts.values().stream().allMatch(account -> account.closed);
    }

    boolean wantsNow(Instant now) {
        Account account = current(now);
        return demand && !stopping && (account == null || account.cap - account.drawn < Math.max(account.lastRaise / 4,
                rate * 5) || starved);
    }

    public TenantNodeUsage report(Instant now) {
        List<QuotaAccountReport> reports = new ArrayList<>();
        Account current = current(now);
        boolean want = wantsNow(now);
        for (Account account : accounts.values()) {
            reports.add(report(account.periodId, account, want && account == current));
        }
        if (current == null && want) {
            reports.add(report("", new Account("", now, now), true));
        }
        return TenantNodeUsage.newBuilder()
                .setHeader(EventHeader.newBuilder().setNodeId(nodeId).setNodeEpoch(epoch).setNodeSeq(nodeSeq++)
                        .setOccurredAt(now.plus(skew)).setTenantId(LedgerWorld.TENANT).setUserId("").build())
                .setProcessNonce(nonce).setReportMonotonicNanos(nodeSeq).setPolicyEpochSeen(policyEpoch)
                .setAccounts(reports).setBillableBytes(0).setActiveAllocations(demand ? 1 : 0).setActiveUsers(1)
                .build();
    }

    private QuotaAccountReport report(String periodId, Account account, boolean want) {
        return QuotaAccountReport.newBuilder().setPeriodId(periodId).setNodeEpoch(epoch).setProcessNonce(nonce)
                .setPolicyEpoch(policyEpoch).setGrantSeq(account.seq).setCapBytes(account.cap)
                .setDrawnBytes(account.drawn).setSpentBytes(account.drawn).setWantBytes(want ? 1 : 0)
                .setRateBytesPerSecond(rate).setFinalReport(account.closing)
                .setWantTailBytes(want ? 16_000 : 0).build();
    }
}
