package io.turnpike.telemetry.ledger;

import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.QuotaPolicy;
import java.time.Instant;
import java.util.Collection;
import java.util.OptionalLong;

/**
 * What a tenant's nodes do while the ledger is away, and what may come of it (QUOTA.md rule 10).
 *
 * @param policy what nodes do when their credit is spent
 * @param nodes nodes that served the tenant in the period; each has a grace of its own under SAFE_RATE
 * @param graceBytesPerNode what a node may forward beyond its grants in the period; 0 but under SAFE_RATE
 * @param survivesSeconds how long the first of the live nodes has credit at its rate; empty if none spends
 * @param ungrantedBytes what nodes forwarded beyond their grants, as far as reported; it is in the charges
 */
public record ControlLoss(OnControlLoss policy, int nodes, long graceBytesPerNode, OptionalLong survivesSeconds,
        long ungrantedBytes) {
    static ControlLoss of(QuotaPolicy policy, Collection<QuotaAccount> accounts, Instant now) {
        boolean limited = OpenQuota.isLimited(policy);
        OnControlLoss action = policy.getOnControlLoss();
        int nodes = (int) accounts.stream().map(account -> account.key().nodeId()).distinct().count();
        OptionalLong survives = accounts.stream()
                .filter(account -> limited && account.isLive(now) && account.rateBytesPerSecond > 0)
                .mapToLong(account -> account.unspentBytes() / account.rateBytesPerSecond).min();
        long grace = limited && action == OnControlLoss.SAFE_RATE ? policy.getGraceBytes() : 0;
        return new ControlLoss(action, nodes, grace, survives,
                accounts.stream().mapToLong(account -> account.ungrantedBytes).sum());
    }

    /**
     * Most bytes by which the volume can be passed.
     *
     * @param chargedBeyond by how much it is charged beyond the volume already
     */
    OptionalLong bound(long chargedBeyond) {
        return switch (policy) {
            case STOP, UNKNOWN -> OptionalLong.of(chargedBeyond);
            case SAFE_RATE -> OptionalLong.of(chargedBeyond + nodes * graceBytesPerNode);
            case ALLOW -> OptionalLong.empty();
        };
    }
}
