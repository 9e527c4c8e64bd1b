package io.turnpike.node.quota;

import io.turnpike.node.event.QuotaAccountState;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import net.bytebuddy.asm.Advice;

/** Ways to break a rule of the node; each is woven into one method, never into the product. */
public final class NodeMutants {
    private NodeMutants() {}

    /** Rule 1: the report says that all is given up, and the credit stays. */
    public static final class ReturnsWithoutCutting {
        @Advice.OnMethodExit
        static void exit(@Advice.This Account account, @Advice.Return(readOnly = false) long cap) {
            cap = account.drawnBytes();
        }
    }

    /** Rule 2: slices that are laid back lower U. */
    public static final class UndrawsSlices {
        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter(@Advice.FieldValue("credit") Credit credit, @Advice.Argument(0) long bytes) {
            credit.book(-bytes);
            return true;
        }
    }

    /** Rule 3: what is granted is spent, whether or not it is written down. */
    public static final class SpendsBeforeWriting {
        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue("capBytes") long capBytes, @Advice.FieldValue("graceBytes") long graceBytes,
                @Advice.Return(readOnly = false) long limit) {
            limit = capBytes + graceBytes;
        }
    }

    /** Rule 3: nobody reports for processes that are gone. */
    public static final class SettlesNobody {
        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) List<QuotaAccountState> reports) {
            reports = List.of();
        }
    }

    /** Rule 10: a new process begins the grace anew. */
    public static final class RenewsGrace {
        @Advice.OnMethodExit
        static void exit(@Advice.Argument(0) Account account, @Advice.Return(readOnly = false) long used) {
            used = account.credit().liftedBytes();
        }
    }

    /** Rule 4: an account that was settled may begin anew. */
    public static final class ReopensSettledAccounts {
        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue("settledPeriods") Map<String, ?> settledPeriods) {
            settledPeriods.clear();
        }
    }

    /** Rule 5: a new account begins with some credit. */
    public static final class BeginsWithCredit {
        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue("drawableBytes") AtomicLong drawableBytes,
                @Advice.FieldValue(value = "capBytes", readOnly = false) long capBytes,
                @Advice.FieldValue(value = "limitBytes", readOnly = false) long limitBytes) {
            drawableBytes.set(16_384);
            capBytes = 16_384;
            limitBytes = 16_384;
        }
    }

    /** Rule 5: everybody is admitted. */
    public static final class AdmitsEverybody {
        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) Waiter.Verdict verdict) {
            verdict = Waiter.Verdict.ADMIT;
        }
    }

    /** Rule 14: credit of one period is spent in the next. */
    public static final class CarriesCreditOver {
        @Advice.OnMethodEnter
        static void enter(@Advice.FieldValue("current") Account current,
                @Advice.FieldValue("context") NodeContext context,
                @Advice.Argument(0) QuotaPolicy policy) {
            if (current.isOver()) {
                current.setPeriod(policy.periodAt(context.clock().instant()),
                        policy.policyEpoch());
            }
        }
    }

    /** Rule 18: the tenant is debited before the user is checked, and nothing is given back. */
    public static final class HasDebitedTheTenant {
        @Advice.OnMethodExit
        static void exit(@Advice.FieldValue("slice") Slice slice, @Advice.Argument(0) int bytes) {
            slice.spend(bytes, true);
        }
    }
}
