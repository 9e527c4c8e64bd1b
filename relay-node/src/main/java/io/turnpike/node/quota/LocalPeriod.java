package io.turnpike.node.quota;

import io.turnpike.contract.QuotaPeriod;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** What a node takes for the present period of a policy where no grant names it (QUOTA.md rule 14). */
record LocalPeriod(QuotaPolicy policy, Instant now) {
    /**
     * The policy's period, but none that has ended here, and none that is granted ahead. After a move to the west, where the
     * old day or month is not over yet, the next one begins early, as in the ledger. Where a period to come is granted
     * already, the ledger's zone or clock is another one than the node's, and the one before it goes on until it begins.
     *
     * @param had periods that have or had an account in this process
     * @param granted the next account's, if there is one
     */
    QuotaPeriod beside(Stream<QuotaPeriod> had, Optional<QuotaPeriod> granted) {
        QuotaPeriod own = policy.periodAt(now);
        return had.filter(last -> last.isOrFollows(own) && !now.isBefore(last.end()))
                .max(Comparator.comparing(QuotaPeriod::id)).map(ended -> ended.followedBy(now, policy::periodAt))
                .orElseGet(() -> granted.filter(coming -> now.isBefore(coming.start()) && own.isOrFollows(coming))
                        .map(coming -> before(coming, own)).orElse(own));
    }

    private QuotaPeriod before(QuotaPeriod coming, QuotaPeriod own) {
        QuotaPeriod last = own;
        while (last.isOrFollows(coming)) {
            last = policy.periodAt(last.start().minusNanos(1));
        }
        return new QuotaPeriod(last.id(), last.start(), coming.start());
    }
}
