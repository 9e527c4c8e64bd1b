package io.turnpike.telemetry.ledger;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.control.v1.QuotaState;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/**
 * Decides who gets how much. It keeps the one invariant on which everything stands: before each grant, the charges of
 * all accounts of the period together are at most the volume. So what nodes forward is at most the volume, under any
 * delay, loss, duplication or reordering of messages.
 */
final class Escrow {
    private Escrow() {}

    /**
     * Grants to an account that wants bytes. Called for consumed records only (QUOTA.md rule 8).
     *
     * @param ownBytes what the process has drawn so far, here or in the period before
     * @return false if nothing was free
     */
    static boolean serve(Turn turn, QuotaAccount account, long ownBytes) {
        if (!account.mayBeGranted()) {
            return true;
        }
        OpenQuota open = turn.open;
        PeriodTotals totals = turn.totalsOf(account);
        long free = open.freeBytes(totals);
        boolean shut = turn.isCurrent(account) && open.quota.state == QuotaState.EXHAUSTED
                && free < QuotaRules.reopenBytes(open.policy.getVolumeBytes());
        long size = shut ? 0 : GrantSize.of(free, account.rateBytesPerSecond, open.liveNodes(turn.now), ownBytes);
        if (size == 0) {
            turn.unserved.add(account);
            return false;
        }
        if (holdsEnough(account, size)) {
            return true;
        }
        account.raise(size, totals);
        if (totals.chargeBytes() > open.policy.getVolumeBytes()) {
            throw new IllegalStateException("charges of " + account.key().text() + " would pass the volume");
        }
        account.wantBytes = 0;
        account.trickles = false;
        turn.issue(account);
        account.raiseSeq = account.grantSeq;
        return true;
    }

    /**
     * Hands out of the tail reserve what keeps the audio of live allocations alive for a while, in shares that shrink so
     * that every node gets some (QUOTA.md rule 19). It is charged as any grant is.
     *
     * @param wantBytes what the node can trickle soon
     */
    static void serveTail(Turn turn, QuotaAccount account, long wantBytes) {
        OpenQuota open = turn.open;
        boolean due = open.quota.state == QuotaState.EXHAUSTED && open.policy.getTailPercent() > 0
                && turn.isCurrent(account) && account.mayBeGranted();
        long left = due ? open.leftBytes(open.totals) : 0;
        long share = Math.max(QuotaRules.TAIL_FLOOR_BYTES, left / (2L * open.liveNodes(turn.now)));
        long size = Math.min(left, Math.min(share, wantBytes));
        if (size > 0) {
            account.raise(size, open.totals);
            account.trickles = true;
            turn.issue(account);
            account.raiseSeq = account.grantSeq;
        }
    }

    /** A node that asks while it holds more than it needs gets no more: others may want it. */
    private static boolean holdsEnough(QuotaAccount account, long size) {
        return account.unspentBytes() >= Math.max(Math.max(size, neededBytes(account)), account.lastRaiseBytes / 2);
    }

    private static long neededBytes(QuotaAccount account) {
        long horizon = QuotaRules.REFILL_HORIZON.toSeconds();
        long rate = Math.min(Math.max(account.rateBytesPerSecond, 0), Long.MAX_VALUE / horizon);
        return Math.max(QuotaRules.FLOOR_BYTES, rate * horizon);
    }

    /** Hands free volume to those who wait for it, the longest waiting first, in the transaction that freed it. */
    static void serveWaiting(Turn turn) {
        List<QuotaAccount> waiting = turn.open.accounts.values().stream()
                .filter(account -> account.wantBytes > 0 && account.isLive(turn.now) && account.mayBeGranted())
                .sorted(Comparator.comparing(account -> account.wantsSince)).toList();
        for (QuotaAccount account : waiting) {
            if (!serve(turn, account, account.drawnBytes())) {
                return;
            }
        }
    }

    /** Asks those who hold more than they need to give it back, since another account found nothing free. */
    static void recallFromOthers(Turn turn, QuotaAccount wanting) {
        for (QuotaAccount account : List.copyOf(turn.open.accounts.values())) {
            if (account != wanting && account.unspentBytes() > neededBytes(account)) {
                recall(turn, account);
            }
        }
    }

    /** Asks everybody to give back what is not needed: the volume was lowered below what is charged. */
    static void recallAll(Turn turn) {
        for (QuotaAccount account : List.copyOf(turn.open.accounts.values())) {
            if (account.unspentBytes() > 0) {
                recall(turn, account);
            }
        }
    }

    private static void recall(Turn turn, QuotaAccount account) {
        boolean askedLately = account.recalledAt.plus(QuotaRules.RECALL_INTERVAL).isAfter(turn.now);
        if (account.isLive(turn.now) && account.mayBeGranted() && !askedLately) {
            account.recall = true;
            account.recalledAt = turn.now;
            turn.issue(account);
        }
    }

    /**
     * Gives a busy process its first credit of the next period at least one lease ahead, spread over time, so that
     * nobody stops at midnight (QUOTA.md rule 14). A user asks when the period begins: he may have left until then, and
     * who has closed an account takes no grant of a period that he does not know.
     */
    static void issueAhead(Turn turn, QuotaAccount account) {
        QuotaStanding quota = turn.open.quota;
        Duration jitter = Duration
                .ofMillis(Math.floorMod(account.key().text().hashCode(), QuotaRules.EARLY_JITTER.toMillis()));
        boolean early = turn.now.isBefore(quota.period.end().minus(QuotaRules.LEASE).minus(jitter));
        if (early || turn.scope().isUser()) {
            return;
        }
        if (quota.next == null) {
            quota.next = PeriodRoll.after(turn.open);
            turn.quotaChanged = true;
        }
        QuotaAccountKey nextKey = account.key().in(quota.next.id());
        if (turn.find(nextKey).isEmpty()) {
            QuotaAccount next = new QuotaAccount(nextKey);
            next.sawReportOf(account);
            serve(turn, next, account.drawnBytes());
        }
    }
}
