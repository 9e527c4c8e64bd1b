package io.turnpike.telemetry.ledger;

import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.QuotaPolicy;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * What a tenant's nodes do while the ledger is away, and what may come of it (QUOTA.md rule 10).
 *
 * @param policy what nodes do when their credit is spent
 * @param nodes nodes that served the tenant in the period; each has a grace of its own under SAFE_RATE
 * @param graceBytesPerNode what a node may forward beyond its grants in the period; 0 but under SAFE_RATE
 * @param graceLeftBytes what may be left of the graces of all these nodes; what they have used of them is in the charges
 * @param survivesSeconds how long the first of the live nodes has credit at its rate; empty if none spends
 * @param ungrantedBytes what nodes forwarded beyond their grants, as far as reported; it is in the charges
 */
public record ControlLoss(OnControlLoss policy, int nodes, long graceBytesPerNode, long graceLeftBytes,
        OptionalLong survivesSeconds, long ungrantedBytes) {
    static ControlLoss of(QuotaPolicy policy, Collection<QuotaAccount> accounts, Instant now) {
        boolean limited = OpenQuota.isLimited(policy);
        OnControlLoss action = policy.getOnControlLoss();
        Map<String, Long> graceUsed = accounts.stream().collect(Collectors.groupingBy(
                account -> account.key().nodeId(), Collectors.summingLong(account -> account.graceUsedBytes)));
        OptionalLong survives = accounts.stream()
                .filter(account -> limited && account.isLive(now) && account.rateBytesPerSecond > 0)
                .mapToLong(account -> account.unspentBytes() / account.rateBytesPerSecond).min();
        long grace = limited && action == OnControlLoss.SAFE_RATE ? policy.getGraceBytes() : 0;
        long graceLeft = graceUsed.values().stream().mapToLong(used -> Math.max(0, grace - used)).sum();
        return new ControlLoss(action, graceUsed.size(), grace, graceLeft, survives,
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
            case SAFE_RATE -> OptionalLong.of(chargedBeyond + graceLeftBytes);
            case ALLOW -> OptionalLong.empty();
        };
    }
}
