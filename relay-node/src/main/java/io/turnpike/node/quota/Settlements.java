package io.turnpike.node.quota;

import io.turnpike.node.event.QuotaAccountState;
import io.turnpike.node.quota.SpendLog.Claim;
import io.turnpike.node.quota.UsageReports.Scope;
import java.util.ArrayList;
import java.util.List;

/**
 * Accounts of one tenant that processes of this node left open when they were killed. Their final reports say what they had
 * written down as the most they would spend; they repeat until the ledger has taken them (QUOTA.md rules 3 and 4). Guarded
 * by the tenant.
 */
final class Settlements {
    private final List<Claim> claims;

    /** @param scope whose accounts */
    Settlements(Scope scope, NodeContext context) {
        claims = new ArrayList<>(context.spendLog().flatMap(SpendLog::inherited).map(SpendLog.Page::claims)
                .orElse(List.of()).stream().filter(scope::isOf).toList());
    }

    boolean areDone() {
        return claims.isEmpty();
    }

    /** What is not settled yet. */
    List<Claim> claims() {
        return claims;
    }

    /** Final reports, as far as is known: what was forwarded is what earlier reports said. */
    List<QuotaAccountState> reports() {
        return claims.stream().map(claim -> new QuotaAccountState(claim.nodeEpoch(), claim.processNonce(),
                claim.periodId(), claim.userId(), claim.policyEpoch(), claim.grantSeq(), claim.ceilingBytes(),
                claim.ceilingBytes(), 0, 0, 0, true, 0, claim.ungrantedBytes())).toList();
    }

    /** Takes the ledger's acknowledgement; true if it was one. */
    boolean settledBy(QuotaGrant grant) {
        return grant.closed() && claims.removeIf(
                claim -> claim.nodeEpoch() == grant.nodeEpoch() && claim.processNonce() == grant.processNonce()
                        && claim.periodId().equals(grant.periodId()) && claim.userId().equals(grant.userId()));
    }
}
