package io.turnpike.system.quota;

import io.turnpike.node.quota.NodeMutants;
import io.turnpike.telemetry.ledger.LedgerMutants;
import java.util.EnumSet;
import java.util.Set;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.implementation.FixedValue;
import net.bytebuddy.implementation.StubMethod;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.matcher.ElementMatchers;

/**
 * One broken rule each (docs/quota-protocol.md): a method of the product that does something else, and the invariants of
 * which one must catch it.
 */
enum Mutation {
    // @formatter:off
    RULE_1_TAKES_A_GRANT_OF_ANY_SEQUENCE(
            node("Account"), "isNewer", always(true),
            Invariant.CAP_WITHIN_CHARGE),
    RULE_1_TAKES_A_RETURN_AT_ANY_SEQUENCE(
            ledger("ReportIntake"), "namesLatestGrant", always(true),
            Invariant.CAP_WITHIN_CHARGE),
    RULE_1_RETURNS_WITHOUT_CUTTING(
            node("Account"), "capBytes", advised(NodeMutants.ReturnsWithoutCutting.class),
            Invariant.CAP_WITHIN_CHARGE),
    RULE_2_UNDRAWS_SLICES(
            node("Account"), "takeBack", advised(NodeMutants.UndrawsSlices.class),
            Invariant.USE_NEVER_FALLS),
    RULE_2_FORGETS_USE(
            ledger("QuotaAccount"), "use", advised(LedgerMutants.ForgetsUse.class),
            Invariant.USE_NEVER_FALLS),
    RULE_2_DRAWS_AFTER_THE_PERIOD(
            node("Account"), "mayDraw", always(true),
            Invariant.PERIOD_BINDS_DRAWS),
    RULE_3_RECLAIMS_FROM_THE_SILENT(
            ledger("PeriodRoll"), "rollIfDue", advised(LedgerMutants.ReclaimsFromTheSilent.class),
            Invariant.LOWERED_BY_ITS_HOLDER_ONLY, Invariant.CAP_WITHIN_CHARGE),
    RULE_3_SPENDS_BEFORE_WRITING(
            node("Credit"), "wantedLimitBytes", advised(NodeMutants.SpendsBeforeWriting.class),
            Invariant.BYTES_ARE_BOOKED, Invariant.FORWARDED_WITHIN_QUOTA, Invariant.SETTLED_ABOVE_USE),
    RULE_3_SETTLES_NOBODY(
            node("Settlements"), "reports", advised(NodeMutants.SettlesNobody.class),
            Invariant.KILLED_PROCESSES_ARE_SETTLED, Invariant.STOPPED_PROCESSES_ARE_SETTLED),
    RULE_4_NEVER_SAYS_THAT_IT_IS_FINAL(
            node("Account"), "isFinal", always(false),
            Invariant.STOPPED_PROCESSES_ARE_SETTLED, Invariant.IDLE_PROCESSES_RETURN_CREDIT),
    RULE_4_SETTLES_AT_THE_NEWEST_SEQUENCE_ONLY(
            ledger("ReportIntake"), "close", advised(LedgerMutants.SettlesAtTheNewestSequenceOnly.class),
            Invariant.STOPPED_PROCESSES_ARE_SETTLED),
    RULE_4_REOPENS_SETTLED_ACCOUNTS(
            node("ClosedAccounts"), "settled", advised(NodeMutants.ReopensSettledAccounts.class),
            Invariant.CAP_WITHIN_CHARGE),
    RULE_5_BEGINS_WITH_CREDIT(
            node("Credit"), "<init>", advised(NodeMutants.BeginsWithCredit.class),
            Invariant.CAP_WITHIN_CHARGE, Invariant.ADMITTED_WITH_CREDIT_ONLY),
    RULE_5_ADMITS_EVERYBODY(
            node("AdmissionDesk"), "verdict", advised(NodeMutants.AdmitsEverybody.class),
            Invariant.ADMITTED_WITH_CREDIT_ONLY),
    RULE_6_TAKES_GRANTS_OF_OTHER_PROCESSES(
            node("QuotaTable"), "isForThisProcess", always(true),
            Invariant.CAP_WITHIN_CHARGE, Invariant.NO_UNKNOWN_GRANT),
    RULE_6_IS_NEVER_FENCED(
            node("QuotaTable"), "fence", skipped(),
            Invariant.OLDER_TWIN_IS_FENCED),
    RULE_6_RAISES_NO_ALARM(
            ledger("QuotaLedger"), "watchProcess", skipped(),
            Invariant.TWINS_RAISE_AN_ALARM),
    RULE_7_WRITES_DELTAS(
            ledger("Turn"), "grantOf", advised(LedgerMutants.WritesDeltas.class),
            Invariant.TOPIC_HOLDS_EVERY_CHARGE),
    RULE_7_NUMBERS_NOTHING(
            ledger("Turn"), "issue", advised(LedgerMutants.NumbersNothing.class),
            Invariant.SEQUENCE_GROWS),
    RULE_7_FORGETS_WITH_THE_PERIOD(
            ledger("PeriodRoll"), "isForgettable", always(true),
            Invariant.CHARGES_ARE_KEPT, Invariant.SEQUENCE_GROWS),
    RULE_8_GRANTS_ON_TICKS(
            ledger("PeriodRoll"), "rollIfDue", advised(LedgerMutants.GrantsOnTicks.class),
            Invariant.RAISED_BY_A_RECORD_ONLY, Invariant.GRANT_SIZE),
    RULE_9_TAKES_AN_EMPTY_STORE_FOR_A_NEW_LEDGER(
            ledger("LedgerRebuild"), "fill", skipped(),
            Invariant.TOPIC_HOLDS_EVERY_CHARGE),
    RULE_9_ADOPTS_NOTHING(
            ledger("ReportIntake"), "adopt", skipped(),
            Invariant.UNKNOWN_GRANTS_ARE_ADOPTED),
    RULE_9_GOES_ON_AFTER_ADOPTING(
            ledger("ReportIntake"), "adopt", advised(LedgerMutants.GoesOnAfterAdopting.class),
            Invariant.UNKNOWN_GRANTS_ARE_ADOPTED),
    RULE_10_CHARGES_GRANTS_ONLY(
            ledger("QuotaAccount"), "chargeBytes", advised(LedgerMutants.ChargesGrantsOnly.class),
            Invariant.SUMS_ADD_UP),
    RULE_10_BOOKS_NOTHING_WITHOUT_A_GRANT(
            node("Account"), "bookUnbound", skipped(),
            Invariant.FORWARDED_WITHIN_QUOTA, Invariant.STATUS_TELLS_THE_TRUTH, Invariant.BYTES_ARE_BOOKED),
    RULE_10_RENEWS_GRACE(
            node("Grace"), "usedBytes", advised(NodeMutants.RenewsGrace.class),
            Invariant.GRACE_IS_BOUNDED),
    RULE_11_TAKES_BACK_ON_LOWERING(
            ledger("Escrow"), "recallAll", advised(LedgerMutants.TakesBackOnLowering.class),
            Invariant.LOWERED_BY_ITS_HOLDER_ONLY, Invariant.CAP_WITHIN_CHARGE),
    RULE_11_CLAIMS_NO_OVERSHOOT(
            ledger("QuotaSummary"), "overshootBoundBytes", advised(LedgerMutants.ClaimsNoOvershoot.class),
            Invariant.STATUS_TELLS_THE_TRUTH),
    RULE_12_TAKES_ALL_FOR_ARMED(
            ledger("ReportIntake"), "note", advised(LedgerMutants.TakesAllForArmed.class),
            Invariant.ONLY_ARMED_PROCESSES_ARE_GRANTED),
    RULE_12_IS_NEVER_ARMING(
            ledger("QuotaSummary"), "isArming", always(false),
            Invariant.STATUS_TELLS_THE_TRUTH),
    RULE_12_TELLS_WITHOUT_FOLLOWING(
            node("QuotaPolicy"), "enforcesVolume", always(false),
            Invariant.ARMED_PROCESSES_NEED_CREDIT),
    RULE_13_BEGINS_POLICIES_ANEW(
            ledger("CommandDesk"), "nextPolicyEpoch", always(1L),
            Invariant.POLICY_EPOCH_GROWS),
    RULE_13_FORGETS_DELETED_TENANTS(
            ledger("CommandDesk"), "deleteTenant", advised(LedgerMutants.ForgetsDeletedTenants.class),
            Invariant.CHARGES_ARE_KEPT),
    RULE_14_GRANTS_NOTHING_AHEAD(
            ledger("Escrow"), "issueAhead", skipped(),
            Invariant.GRANTED_AHEAD),
    RULE_14_ENDS_A_PERIOD_AT_ONCE(
            ledger("PeriodRoll"), "mayMovePeriodNow", always(true),
            Invariant.PERIODS_GO_FORWARD),
    RULE_14_CARRIES_CREDIT_OVER(
            node("AccountBook"), "rollIfDue", advised(NodeMutants.CarriesCreditOver.class),
            Invariant.CAP_WITHIN_CHARGE, Invariant.NO_UNKNOWN_GRANT),
    RULE_15_GRANTS_EVERYTHING(
            ledger("GrantSize"), "of", advised(LedgerMutants.GrantsEverything.class),
            Invariant.GRANT_SIZE),
    RULE_16_STARTS_FAST(
            ledger("GrantSize"), "of", advised(LedgerMutants.StartsFast.class),
            Invariant.GRANT_SIZE),
    RULE_17_KEEPS_IDLE_CREDIT(
            node("Dialogue"), "returnIdleCredit", skipped(),
            Invariant.IDLE_PROCESSES_RETURN_CREDIT),
    RULE_17_IS_SILENT_WITH_CREDIT(
            node("AccountBook"), "holdsCredit", always(false),
            Invariant.HOLDERS_REPORT),
    RULE_18_CHECKS_THE_TENANT_ONLY(
            node("Lane"), "debitUser", always(true),
            Invariant.FORWARDED_WITHIN_QUOTA),
    RULE_18_DEBITS_THE_TENANT_BEFORE_IT_CHECKS_THE_USER(
            node("Lane"), "refuseForUser", advised(NodeMutants.HasDebitedTheTenant.class),
            Invariant.BYTES_ARE_BOOKED),
    RULE_18_LEAVES_USERS_OUT(
            node("QuotaPolicy"), "countsUsers", always(false),
            Invariant.ARMED_PROCESSES_NEED_CREDIT),
    RULE_18_FORGETS_USERS_BEFORE_THE_ANSWER(
            node("UserQuotas"), "awaitAcknowledgement", skipped(),
            Invariant.FINAL_IS_FINAL, Invariant.IDLE_PROCESSES_RETURN_CREDIT, Invariant.BYTES_ARE_BOOKED),
    RULE_18_OPENS_WITHOUT_REGARD_TO_WHAT_IT_COST(
            ledger("QuotaAccount"), "open", advised(LedgerMutants.ForgetsEarlierOpenings.class),
            Invariant.USE_NEVER_FALLS, Invariant.LOWERED_BY_ITS_HOLDER_ONLY, Invariant.SUMS_ADD_UP),
    RULE_18_FORGETS_BEFORE_THE_ANSWER(
            node("AccountBook"), "retire", skipped(),
            Invariant.BYTES_ARE_BOOKED, Invariant.STOPPED_PROCESSES_ARE_SETTLED, Invariant.FINAL_IS_FINAL),
    RULE_20_TAKES_EVERY_QUESTION_FOR_SILENCE(
            node("ControlLease"), "isLost", always(true),
            Invariant.GRACE_ONLY_WITHOUT_CONTROL),
    SHARES_RAISE_BEFORE_THE_CUT_IS_ACKNOWLEDGED(
            ledger("share.Stake"), "held", advised(LedgerMutants.CountsSharesAlone.class),
            Invariant.RATE_WITHIN_CAP, Invariant.SLOTS_WITHIN_CAP),
    SHARES_TAKE_EVERY_REPORT_FOR_AN_ACKNOWLEDGEMENT(
            ledger("share.ShareTurn"), "namesNewest", always(true),
            Invariant.RATE_WITHIN_CAP, Invariant.SLOTS_WITHIN_CAP),
    SHARES_OF_A_NEW_LEDGER_ARE_OVER_AT_ONCE(
            ledger("share.LeasedProcess"), "<init>", advised(LedgerMutants.EndsLeasesAtOnce.class),
            Invariant.RATE_WITHIN_CAP, Invariant.SLOTS_WITHIN_CAP);
    // @formatter:on

    /** What becomes of a method. */
    interface Change {
        DynamicType.Builder<?> make(DynamicType.Builder<?> type, ElementMatcher<MethodDescription> method);
    }

    private final String type;
    private final String method;
    private final Change change;
    private final Set<Invariant> catchers;

    Mutation(String type, String method, Change change, Invariant first, Invariant... others) {
        this.type = type;
        this.method = method;
        this.change = change;
        this.catchers = EnumSet.of(first, others);
    }

    String type() {
        return type;
    }

    Set<Invariant> catchers() {
        return catchers;
    }

    DynamicType.Builder<?> weave(DynamicType.Builder<?> builder) {
        return change.make(builder, ElementMatchers.hasMethodName(method));
    }

    String method() {
        return method;
    }

    private static String node(String simpleName) {
        return "io.turnpike.node.quota." + simpleName;
    }

    private static String ledger(String simpleName) {
        return "io.turnpike.telemetry.ledger." + simpleName;
    }

    private static Change always(Object value) {
        return (type, method) -> type.method(method).intercept(FixedValue.value(value));
    }

    private static Change skipped() {
        return (type, method) -> type.method(method).intercept(StubMethod.INSTANCE);
    }

    private static Change advised(Class<?> advice) {
        return (type, method) -> type.visit(Advice.to(advice).on(method));
    }
}
