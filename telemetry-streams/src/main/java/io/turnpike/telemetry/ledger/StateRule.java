package io.turnpike.telemetry.ledger;

import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaState;
import java.util.List;

/**
 * Where a quota stands. An enforced one is exhausted when nothing is left to grant and a node asks; one that is only
 * watched, when the volume is spent. Each transition is audited once, and so is each warning.
 */
final class StateRule {
    private StateRule() {}

    /** Moves to the state that the sums and the policy say. */
    static void follow(Turn turn) {
        warn(turn);
        QuotaState state = stateOf(turn);
        moveTo(turn, state, reasonOf(turn.open, state));
    }

    /** An exhausted quota with more volume than before opens before anybody is served. */
    static void reopen(Turn turn) {
        if (turn.open.quota.state == QuotaState.EXHAUSTED) {
            warn(turn);
            QuotaState state = stateOf(turn);
            if (state != QuotaState.EXHAUSTED) {
                moveTo(turn, state, "the volume was raised");
            }
        }
    }

    /** Audits each warning that the use has passed, once in a period; a raise that leaves it behind arms it again. */
    private static void warn(Turn turn) {
        QuotaStanding quota = turn.open.quota;
        List<Integer> passed = passedPercents(turn.open);
        for (int percent : passed) {
            if (percent > quota.warnedPercent) {
                QuotaState before = quota.state;
                quota.state = before == QuotaState.OPEN ? QuotaState.WARN : before;
                turn.warn(before, percent);
                turn.mustTell |= turn.open.watched();
            }
        }
        int highest = passed.isEmpty() ? 0 : passed.get(passed.size() - 1);
        turn.quotaChanged |= highest != quota.warnedPercent;
        quota.warnedPercent = highest;
    }

    private static List<Integer> passedPercents(OpenQuota open) {
        long spent = open.totals.spentBytes();
        if (!OpenQuota.isCounted(open.policy) || spent == 0) {
            return List.of();
        }
        long volume = open.policy.getVolumeBytes();
        return open.policy.getWarnPercents().stream().filter(percent -> spent >= Turn.percent(volume, percent))
                .toList();
    }

    private static void moveTo(Turn turn, QuotaState state, String reason) {
        QuotaStanding quota = turn.open.quota;
        if (quota.state != state) {
            turn.audit(AuditKind.STATE_CHANGED, quota.state, state, reason);
            quota.state = state;
            turn.quotaChanged = true;
            turn.mustTell = true;
        }
    }

    private static QuotaState stateOf(Turn turn) {
        OpenQuota open = turn.open;
        if (!OpenQuota.isCounted(open.policy)) {
            return QuotaState.OPEN;
        }
        if (open.limited() ? nothingIsLeft(turn) : open.totals.spentBytes() >= open.policy.getVolumeBytes()) {
            return QuotaState.EXHAUSTED;
        }
        return open.quota.warnedPercent > 0 ? QuotaState.WARN : QuotaState.OPEN;
    }

    private static boolean nothingIsLeft(Turn turn) {
        OpenQuota open = turn.open;
        long volume = open.policy.getVolumeBytes();
        long free = open.freeBytes(open.totals);
        boolean wantedInVain = turn.unserved.stream().anyMatch(turn::isCurrent);
        return open.quota.state == QuotaState.EXHAUSTED && free < QuotaRules.reopenBytes(volume)
                || free <= 0 && (wantedInVain || volume == 0);
    }

    private static String reasonOf(OpenQuota open, QuotaState state) {
        return switch (state) {
            case EXHAUSTED -> open.limited()
                    ? "nothing is left to grant, and a node asks for more"
                    : "the volume is used; " + open.policy.getMode() + " lets data pass";
            case OPEN, WARN, UNKNOWN -> OpenQuota.isCounted(open.policy)
                    ? "there is volume to use"
                    : "nothing limits the " + (open.quota.scope().isUser() ? "user" : "tenant");
        };
    }
}
