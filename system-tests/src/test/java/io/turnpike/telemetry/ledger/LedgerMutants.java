package io.turnpike.telemetry.ledger;

import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.events.v1.QuotaAccountReport;
import io.turnpike.contract.QuotaPeriod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import net.bytebuddy.asm.Advice;

/** Ways to break a rule of the ledger; each is woven into one method, never into the product. */
public final class LedgerMutants {
    private LedgerMutants() {}

    /** Shares: what was cut is free at once. */
    public static final class CountsSharesAlone {
        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue("granted") long granted, @Advice.Return(readOnly = false) long held) {
            held = granted;
        }
    }

    /** Shares: a ledger that takes over finds every lease over. */
    public static final class EndsLeasesAtOnce {
        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue("reportedAtNanos") long nowNanos,
                @Advice.FieldValue(value = "leaseEndNanos", readOnly = false) long endNanos) {
            endNanos = nowNanos;
        }
    }

    /** Rule 2: U is what the last report says. */
    public static final class ForgetsUse {
        @Advice.OnMethodExit
        static void exit(@Advice.Argument(0) long drawn,
                @Advice.FieldValue(value = "drawnBytes", readOnly = false) long drawnBytes) {
            drawnBytes = drawn;
        }
    }

    /** Rule 3: credit of processes that are silent for long is free again. */
    public static final class ReclaimsFromTheSilent {
        @Advice.OnMethodExit
        static void exit(@Advice.Argument(0) Turn turn) {
            reclaim(turn);
        }
    }

    /** See {@link ReclaimsFromTheSilent}. */
    public static void reclaim(Turn turn) {
        for (QuotaAccount account : List.copyOf(turn.open.accounts.values())) {
            boolean silent = !account.reportedAt.plus(Duration.ofSeconds(60)).isAfter(turn.now);
            if (silent && account.unspentBytes() > 0) {
                account.lowerTo(account.drawnBytes(), turn.open.totals);
                turn.issue(account);
            }
        }
    }

    /** Rule 4: a final report counts at the newest sequence only. */
    public static final class SettlesAtTheNewestSequenceOnly {
        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter(@Advice.Argument(1) QuotaAccount account, @Advice.Argument(3) QuotaAccountReport report) {
            return report.getGrantSeq() != account.grantSeq;
        }
    }

    /** Rule 7: a grant record holds what was added. */
    public static final class WritesDeltas {
        @Advice.OnMethodExit
        static void exit(@Advice.Argument(0) QuotaAccount account,
                @Advice.Return(readOnly = false) QuotaGrant grant) {
            grant.setGrantBytes(account.lastRaiseBytes);
        }
    }

    /** Rule 7: every grant has the same number. */
    public static final class NumbersNothing {
        @Advice.OnMethodExit
        static void exit(@Advice.Argument(0) QuotaAccount account) {
            account.grantSeq = 1;
        }
    }

    /** Rule 8: whatever lets time pass may also grant. */
    public static final class GrantsOnTicks {
        @Advice.OnMethodExit
        static void exit(@Advice.Argument(0) Turn turn) {
            grantAByte(turn);
        }
    }

    /** See {@link GrantsOnTicks}. */
    public static void grantAByte(Turn turn) {
        for (QuotaAccount account : List.copyOf(turn.open.accounts.values())) {
            boolean free = turn.open.limited() && turn.open.freeBytes(turn.open.totals) > 0;
            if (free && account.armed && account.mayBeGranted()) {
                account.raise(1, turn.open.totals);
                turn.issue(account);
            }
        }
    }

    /** Rule 9: what was adopted may be added to. */
    public static final class GoesOnAfterAdopting {
        @Advice.OnMethodExit
        static void exit(@Advice.Argument(1) QuotaAccount account) {
            account.frozen = false;
        }
    }

    /** Rule 10: use beyond G costs nothing. */
    public static final class ChargesGrantsOnly {
        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue("grantBytes") long grantBytes,
                @Advice.Return(readOnly = false) long charge) {
            charge = grantBytes;
        }
    }

    /** Rule 11: a lowered volume takes back what was granted. */
    public static final class TakesBackOnLowering {
        @Advice.OnMethodExit
        static void exit(@Advice.Argument(0) Turn turn) {
            takeBack(turn);
        }
    }

    /** See {@link TakesBackOnLowering}. */
    public static void takeBack(Turn turn) {
        for (QuotaAccount account : List.copyOf(turn.open.accounts.values())) {
            account.lowerTo(account.drawnBytes(), turn.open.totals);
            turn.issue(account);
        }
    }

    /** Rule 11: the status claims that nothing passes the volume. */
    public static final class ClaimsNoOvershoot {
        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) OptionalLong bound) {
            bound = OptionalLong.of(0);
        }
    }

    /** Rule 12: a process counts as armed whatever it has told. */
    public static final class TakesAllForArmed {
        @Advice.OnMethodExit
        static void exit(@Advice.Argument(0) Turn turn, @Advice.Argument(1) QuotaAccount account) {
            account.armed = turn.open.limited();
        }
    }

    /** Rule 13: with the tenant go its accounts. */
    public static final class ForgetsDeletedTenants {
        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue("store") TenantStore store, @Advice.Return CommandDecision decision) {
            if (decision.tenant().isPresent()) {
                forget((AccountStore) store, decision.audit().getTenantId());
            }
        }
    }

    /** See {@link ForgetsDeletedTenants}. */
    public static void forget(AccountStore store, String tenantId) {
        QuotaScope scope = QuotaScope.tenant(tenantId);
        for (QuotaPeriod period : store.periods(scope)) {
            List<QuotaAccount> accounts = new ArrayList<>();
            store.eachAccount(scope, period.id(), accounts::add);
            accounts.forEach(account -> store.forget(account.key()));
        }
    }

    /** Rule 15: the first to ask gets everything. */
    public static final class GrantsEverything {
        @Advice.OnMethodExit
        static void exit(@Advice.Argument(0) long free, @Advice.Return(readOnly = false) long size) {
            size = Math.max(0, free);
        }
    }

    /** Rule 18: an account that is opened again has cost nothing. */
    public static final class ForgetsEarlierOpenings {
        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue(value = "earlierBytes", readOnly = false) long earlierBytes) {
            earlierBytes = 0;
        }
    }

    /** Rule 16: no slow start. */
    public static final class StartsFast {
        @Advice.OnMethodEnter
        static void enter(@Advice.Argument(value = 3, readOnly = false) long own) {
            own = Long.MAX_VALUE / 2;
        }
    }
}
