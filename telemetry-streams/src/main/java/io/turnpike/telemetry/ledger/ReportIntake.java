package io.turnpike.telemetry.ledger;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.contract.QuotaPeriod;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.events.v1.EventHeader;
import io.turnpike.events.v1.QuotaAccountReport;
import io.turnpike.events.v1.TenantNodeUsage;
import java.time.Duration;
import java.util.Optional;

/**
 * Takes one account's report into the books and answers it. Reports may come twice, late, in any order or never; none
 * of this may free credit that a node can still spend.
 */
final class ReportIntake {
    private ReportIntake() {}

    /** Takes a report; one that names no account or no period is left out. */
    static void take(Turn turn, TenantNodeUsage usage, QuotaAccountReport report) {
        OpenQuota open = turn.open;
        boolean firstContact = report.getPeriodId().isEmpty();
        if (firstContact && !open.limited()) {
            return;
        }
        Optional<QuotaPeriod> period = firstContact
                ? Optional.of(open.quota.period)
                : turn.periodOf(report.getPeriodId());
        if (period.isEmpty()) {
            turn.alarmOnce("node " + usage.getHeader().getNodeId() + " reports an account of no period");
            return;
        }
        QuotaAccountKey key = new QuotaAccountKey(turn.scope().tenantId(), period.get().id(),
                usage.getHeader().getNodeId(), report.getNodeEpoch(), report.getProcessNonce(), turn.scope().userId());
        Optional<QuotaAccount> known = turn.find(key);
        if (known.isEmpty() && saysNothing(report)) {
            return;
        }
        if (known.isPresent() && report.getOpening() < known.get().opening()) {
            return; // the process has forgotten that opening, since its close was acknowledged
        }
        QuotaAccount account = turn.account(key, report.getOpening());
        if (turn.totalsOf(account).isFull()) {
            turn.alarmOnce("period " + key.periodId() + " is charged with more than any quota allows; its reports are"
                    + " left out");
            return;
        }
        turn.touch(account);
        if (account.closed && !isOfSender(usage, report)) {
            turn.repeat(account); // what was written down ahead is a bound, and the account is settled by a use or by that
            return;
        }
        if (isOld(account, usage)) {
            account.use(mostDrawn(turn, account, usage, report), spent(report), turn.totalsOf(account));
            if (account.closed) {
                turn.repeat(account);
            }
            return;
        }
        if (known.isEmpty() && report.getFinalReport() && PeriodRoll.isForgettable(period.get(), turn.now)) {
            account.grantSeq = report.getGrantSeq(); // it was forgotten with its period, long ago
        }
        takeNew(turn, account, usage, report);
    }

    private static boolean saysNothing(QuotaAccountReport report) {
        return report.getDrawnBytes() == 0 && report.getCapBytes() == 0 && report.getGrantSeq() == 0
                && report.getWantBytes() == 0 && !(report.getFinalReport() && !report.getPeriodId().isEmpty());
    }

    /** A rebuilt account knows only the clock of the report that its newest grant answered, which is that of its process. */
    private static boolean isOld(QuotaAccount account, TenantNodeUsage usage) {
        EventHeader header = usage.getHeader();
        if (account.reportEpoch < 0) {
            return account.grantSeq > 0 && header.getNodeEpoch() == account.key().nodeEpoch()
                    && usage.getProcessNonce() == account.key().processNonce()
                    && usage.getReportMonotonicNanos() - account.reportMonotonicNanos < 0;
        }
        return header.getNodeEpoch() < account.reportEpoch
                || header.getNodeEpoch() == account.reportEpoch && header.getNodeSeq() <= account.reportSeq;
    }

    private static void takeNew(Turn turn, QuotaAccount account, TenantNodeUsage usage, QuotaAccountReport report) {
        boolean wasArmed = account.armed;
        long allowed = Math.max(account.grantBytes(), account.drawnBytes());
        long ungranted = account.ungrantedBytes;
        long drawn = mostDrawn(turn, account, usage, report);
        note(turn, account, usage, report);
        boolean knowsMore = !account.closed && (report.getGrantSeq() > account.grantSeq
                || account.armed && cap(report) > Math.max(account.grantBytes(), drawn(report)));
        account.use(drawn, spent(report), turn.totalsOf(account));
        if (knowsMore) {
            adopt(turn, account, report);
        } else if (account.ungrantedBytes > ungranted) {
            wentOn(turn, account, usage, report);
        } else if (account.drawnBytes() > allowed && isOfSender(usage, report)
                && (account.closed || wasArmed && account.armed)) {
            turn.alarmOnce(who(account) + " drew beyond its allowance in period " + account.key().periodId());
        }
        if (account.closed) {
            turn.repeat(account);
            return;
        }
        if (report.getFinalReport()) {
            close(turn, account, usage, report);
            return;
        }
        if (account.armed && !knowsMore) {
            takeReturn(turn, account, report);
        }
        takeWant(turn, account, report);
        answer(turn, account, usage, report);
        boolean usedMore = Math.max(account.grantBytes(), account.drawnBytes()) > allowed
                || !wasArmed && account.drawnBytes() > account.grantBytes();
        if (turn.open.limited() && usedMore && (isSpendable(turn, account) || isAhead(turn, account))) {
            turn.issue(account); // a rebuilt ledger must know of use without a grant (QUOTA.md rules 7 and 9)
        }
    }

    private static void note(Turn turn, QuotaAccount account, TenantNodeUsage usage, QuotaAccountReport report) {
        account.reportEpoch = usage.getHeader().getNodeEpoch();
        account.reportSeq = usage.getHeader().getNodeSeq();
        account.reportMonotonicNanos = usage.getReportMonotonicNanos();
        account.reportedAt = turn.now;
        account.rateBytesPerSecond = report.getRateBytesPerSecond();
        account.goOn(sane(report.getUngrantedBytes()), followsSafeRate(turn, account));
        long policyEpoch = Math.max(report.getPolicyEpoch(), usage.getPolicyEpochSeen());
        account.policyEpochSeen = Math.max(account.policyEpochSeen, policyEpoch);
        account.armed = turn.open.limited() && policyEpoch >= turn.open.quota.limitedSinceEpoch;
    }

    /** Whether the node has followed the policy since its last report: before, what it went on by may have been no grace. */
    private static boolean followsSafeRate(Turn turn, QuotaAccount account) {
        return turn.open.policy.getOnControlLoss() == OnControlLoss.SAFE_RATE
                && account.policyEpochSeen == turn.open.policy.getPolicyEpoch();
    }

    /** QUOTA.md rule 10: what was drawn beyond grants is charged, and people are told. */
    private static void wentOn(Turn turn, QuotaAccount account, TenantNodeUsage usage, QuotaAccountReport report) {
        boolean settles = !isOfSender(usage, report);
        turn.alarm(who(account) + (settles ? ", which is gone, may have forwarded " : " went on without control, by ")
                + account.ungrantedBytes + " bytes beyond its grants in period " + account.key().periodId()
                + "; policy " + turn.open.policy.getOnControlLoss());
    }

    private static boolean isOfSender(TenantNodeUsage usage, QuotaAccountReport report) {
        return usage.getHeader().getNodeEpoch() == report.getNodeEpoch()
                && usage.getProcessNonce() == report.getProcessNonce();
    }

    /** QUOTA.md rule 9: the ledger has forgotten a grant. What it granted is charged, and that account gets no more. */
    private static void adopt(Turn turn, QuotaAccount account, QuotaAccountReport report) {
        account.adopt(account.armed ? cap(report) : 0, report.getGrantSeq(), turn.totalsOf(account));
        if (!account.frozen) {
            account.frozen = true;
            turn.alarm(who(account) + " holds grant " + report.getGrantSeq() + " up to " + report.getCapBytes()
                    + " bytes, of which the ledger does not know; adopted, and no further grants");
        }
    }

    /** QUOTA.md rule 4: the process accepts no further grant, so what it gives up counts at any sequence. */
    private static void close(Turn turn, QuotaAccount account, TenantNodeUsage usage, QuotaAccountReport report) {
        long before = account.chargeBytes();
        if (isOfSender(usage, report) || isTrusted(turn, report)) {
            account.lowerTo(cap(report), turn.totalsOf(account));
        }
        account.closed = true;
        account.wantBytes = 0;
        turn.creditCameBack |= account.chargeBytes() < before && turn.isCurrent(account);
        turn.issue(account);
        turn.audit(AuditKind.ACCOUNT_SETTLED, turn.open.quota.state, turn.open.quota.state, who(account)
                + " settled at " + account.chargeBytes() + " bytes, " + (before - account.chargeBytes()) + " returned");
    }

    /**
     * What a process wrote down ahead binds it only under the policies that it followed then: had another let it forward
     * without a grant since, it may have forwarded more.
     */
    private static boolean isTrusted(Turn turn, QuotaAccountReport report) {
        return turn.open.limited() && report.getPolicyEpoch() >= turn.open.quota.limitedSinceEpoch;
    }

    /** QUOTA.md rule 1: a grant on its way would lift the cap again, so a return counts only at the latest sequence. */
    private static void takeReturn(Turn turn, QuotaAccount account, QuotaAccountReport report) {
        long before = account.grantBytes();
        if (namesLatestGrant(account, report) && cap(report) < before) {
            account.lowerTo(cap(report), turn.totalsOf(account));
            if (account.grantBytes() < before) {
                turn.creditCameBack |= turn.isCurrent(account);
                turn.issue(account);
            }
        }
    }

    private static boolean namesLatestGrant(QuotaAccount account, QuotaAccountReport report) {
        return report.getGrantSeq() == account.grantSeq;
    }

    private static void takeWant(Turn turn, QuotaAccount account, QuotaAccountReport report) {
        boolean sawLastRaise = report.getGrantSeq() >= account.raiseSeq;
        long want = account.armed && sawLastRaise ? Math.max(0, report.getWantBytes()) : 0;
        if (want > 0 && account.wantBytes == 0) {
            account.wantsSince = turn.now;
        }
        account.wantBytes = want;
    }

    private static void answer(Turn turn, QuotaAccount account, TenantNodeUsage usage, QuotaAccountReport report) {
        if (!turn.open.limited()) {
            recordUse(turn, account);
            return;
        }
        if (report.getGrantSeq() < account.grantSeq && !account.issuedAt.plus(QuotaRules.REPEAT).isAfter(turn.now)) {
            turn.repeat(account);
        }
        QuotaAccount asking = account.wantBytes > 0 && !isSpendable(turn, account)
                ? successor(turn, account, usage)
                : account;
        if (asking.wantBytes > 0 && !Escrow.serve(turn, asking, Math.max(asking.drawnBytes(), account.drawnBytes()))) {
            Escrow.recallFromOthers(turn, asking);
            Escrow.serveTail(turn, asking, sane(report.getWantTailBytes()));
        }
        boolean renewal = !account.issuedAt.plus(QuotaRules.RENEWAL).isAfter(turn.now);
        if (account.unspentBytes() > 0 && renewal && isSpendable(turn, account)) {
            turn.issue(account);
        }
        boolean busy = account.unspentBytes() > 0 || account.wantBytes > 0 || usage.getActiveAllocations() > 0;
        if (turn.isCurrent(account) && account.armed && busy) {
            Escrow.issueAhead(turn, account);
        }
        // A clock that was set back must not make the ledger silent: then the last answer lies in the future.
        boolean unanswered = Duration.between(asking.issuedAt, turn.now).abs().compareTo(QuotaRules.ANSWER) >= 0;
        if (report.getWantBytes() > 0 && asking.grantSeq > 0 && unanswered) {
            turn.repeat(asking);
        }
    }

    /** Keeps the use of an unlimited tenant in the grant topic, so that a rebuilt ledger knows it. */
    private static void recordUse(Turn turn, QuotaAccount account) {
        account.trickles = false;
        if (!account.issuedAt.plus(QuotaRules.RENEWAL).isAfter(turn.now)) {
            turn.issue(account);
        }
    }

    /** Whether the account belongs to the running period or to the one whose first grants were issued ahead. */
    private static boolean isSpendable(Turn turn, QuotaAccount account) {
        return turn.isCurrent(account) || turn.isNext(account.key().periodId());
    }

    /** Whether the account's period has not begun by the ledger's clock: that of its node goes ahead. */
    private static boolean isAhead(Turn turn, QuotaAccount account) {
        return !turn.totalsOf(account).period().start().isBefore(turn.open.quota.period.end());
    }

    /** The same process's account in the running period, which is what a node with an old one asks for. */
    private static QuotaAccount successor(Turn turn, QuotaAccount old, TenantNodeUsage usage) {
        QuotaAccount account = turn.account(old.key().in(turn.open.quota.period.id()), old.opening());
        account.sawReportOf(old);
        if (account.grantSeq == 0 || wasLeftFor(old, account, usage)) {
            account.wantBytes = old.wantBytes;
            account.wantsSince = old.wantsSince;
        } else if (!account.issuedAt.plus(QuotaRules.REPEAT).isAfter(turn.now)) {
            turn.repeat(account);
        }
        old.wantBytes = 0;
        turn.touch(account);
        return account;
    }

    /**
     * Whether the process has taken the account's newest grant, and yet asks in a period of another length: it left this one
     * when the policy did, and only another grant brings it back (QUOTA.md rule 14).
     */
    private static boolean wasLeftFor(QuotaAccount old, QuotaAccount account, TenantNodeUsage usage) {
        return !QuotaPeriod.areOfOneKind(old.key().periodId(), account.key().periodId())
                && usage.getAccounts().stream()
                        .anyMatch(report -> isOfSender(usage, report) && namesLatestGrant(account, report)
                                && report.getPeriodId().equals(account.key().periodId())
                                && report.getUserId().equals(account.key().userId()));
    }

    /**
     * The most that was drawn. What a process that is gone had written down ahead bounds that, and so does what it was granted,
     * if the ledger knows all its grants and the process had told that it follows a policy under which nobody goes on without one.
     */
    private static long mostDrawn(Turn turn, QuotaAccount account, TenantNodeUsage usage, QuotaAccountReport report) {
        boolean isGranted = report.getGrantSeq() <= account.grantSeq && turn.open.limited()
                && turn.open.policy.getOnControlLoss() == OnControlLoss.STOP
                && account.policyEpochSeen == turn.open.policy.getPolicyEpoch() && report.getUngrantedBytes() == 0;
        return isGranted && !isOfSender(usage, report)
                ? Math.min(drawn(report), Math.max(account.grantBytes(), account.drawnBytes()))
                : drawn(report);
    }

    private static long cap(QuotaAccountReport report) {
        return sane(report.getCapBytes());
    }

    private static long drawn(QuotaAccountReport report) {
        return sane(report.getDrawnBytes());
    }

    private static long spent(QuotaAccountReport report) {
        return sane(report.getSpentBytes());
    }

    /** No report can make the sums overflow. */
    private static long sane(long bytes) {
        return Math.max(0, Math.min(bytes, QuotaRules.MOST_BYTES_OF_ACCOUNT));
    }

    private static String who(QuotaAccount account) {
        return "node " + account.key().nodeId() + " epoch " + account.key().nodeEpoch();
    }
}
