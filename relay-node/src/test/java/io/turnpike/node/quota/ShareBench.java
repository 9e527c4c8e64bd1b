package io.turnpike.node.quota;

import io.turnpike.node.event.QuotaShareState;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** A node with a tenant whose rate and allocations are capped, and a ledger that says what the test lets it say. */
final class ShareBench {
    static final long RATE = 8_000_000;
    /** A tenth of the rate. */
    private static final SafeRate SAFE = new SafeRate(RATE / 10, 0);
    private static final long LEASE_NANOS = Duration.ofSeconds(60).toNanos();

    final QuotaBench quota = new QuotaBench(QuotaPolicy.OFF, 2);
    private long epoch;
    private long seq;

    ShareBench(OnControlLoss onControlLoss, Caps caps) {
        follow(onControlLoss, caps);
    }

    static Caps rate() {
        return new Caps(OptionalLong.of(RATE), OptionalLong.empty(), OptionalLong.empty(), OptionalInt.empty(),
                OptionalInt.empty());
    }

    static Caps slots(int allocations) {
        return new Caps(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), OptionalInt.of(allocations),
                OptionalInt.empty());
    }

    static Caps slotsOfUsers(int allocations) {
        return new Caps(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), OptionalInt.empty(),
                OptionalInt.of(allocations));
    }

    static Caps ratesHere(OptionalLong user, OptionalLong allocation) {
        return new Caps(OptionalLong.empty(), user, allocation, OptionalInt.empty(), OptionalInt.empty());
    }

    void follow(OnControlLoss onControlLoss, Caps caps) {
        quota.table.applyPolicy(QuotaBench.TENANT, new QuotaPolicy(++epoch, QuotaMode.HARD, PeriodKind.MONTH,
                ZoneOffset.UTC, 0, OptionalLong.empty(), OptionalLong.empty(), onControlLoss, SAFE, caps));
        quota.run();
    }

    /** An answer to the newest report. */
    void share(long bits, int slots) {
        share(++seq, "", bits, slots, quota.last().reportMonotonicNanos(), false, false);
    }

    void full(int slots) {
        share(++seq, "", 0, slots, quota.last().reportMonotonicNanos(), true, false);
    }

    void userShare(long userSeq, String user, int slots, boolean full) {
        share(userSeq, user, 0, slots, quota.last().reportMonotonicNanos(), full, false);
    }

    void share(long shareSeq, String user, long bits, int slots, long answeredNanos, boolean full, boolean anew) {
        apply(new QuotaShare(QuotaBench.TENANT, user, QuotaBench.NODE.nodeId(), QuotaBench.NODE.epoch(),
                QuotaBench.NODE.processNonce(), shareSeq, bits, slots, full, anew, false, answeredNanos,
                LEASE_NANOS));
    }

    void closed() {
        apply(new QuotaShare(QuotaBench.TENANT, "", QuotaBench.NODE.nodeId(), QuotaBench.NODE.epoch(),
                QuotaBench.NODE.processNonce(), ++seq, 0, 0, false, false, true,
                quota.last().reportMonotonicNanos(), LEASE_NANOS));
    }

    private void apply(QuotaShare share) {
        quota.table.applyShare(share);
        quota.run();
    }

    /** An allocation that the ledger gives a share for. */
    Allowance allowance(long bits, int slots) {
        List<Admission> answers = quota.admit(0);
        quota.run();
        share(bits, slots);
        return ((Admission.Admitted) answers.get(0)).allowance();
    }

    /** Asks for an allocation of a user to whom the ledger gives a slot, his first. */
    List<Admission> admitWithAFirstSlot(String user) {
        List<Admission> answers = quota.admit(user, 0);
        quota.run();
        share(0, 0);
        userShare(1, user, 1, false);
        return answers;
    }

    QuotaShareState last() {
        return quota.last().share().orElseThrow();
    }

    /** Bytes that pass in a time, of a sender that always wants to. */
    long passed(Allowance allowance, Duration time) {
        long passed = 0;
        for (long left = time.toMillis(); left > 0; left -= 100) {
            passed += QuotaBench.spendAll(allowance, 1_000);
            quota.pass(Duration.ofMillis(100));
        }
        return passed;
    }
}
