package io.turnpike.telemetry.api;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.control.v1.AuditChange;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.CommandKind;
import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.PutQuota;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.CommandOutcome;
import io.turnpike.telemetry.query.Freshness;
import io.turnpike.telemetry.query.NodeShare;
import io.turnpike.telemetry.query.Quota;
import io.turnpike.telemetry.query.QuotaEvent;
import io.turnpike.telemetry.query.QuotaStatus;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Predicate;

/** The quota of each tenant, where it stands, and what became of it. */
final class FakeQuotas {
    /** The default policy of a tenant that has none. */
    private static final Quota DEFAULT = new Quota(0, QuotaMode.OFF, QuotaPeriodKind.MONTH, "UTC", 0,
            OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(),
            OptionalLong.empty(), OptionalInt.empty(), OptionalInt.empty(),
            OnControlLoss.STOP, 1_000_000, 64 * 1024 * 1024, List.of(80), 1,
            Optional.empty());

    private final FakeStores stores;
    private final FakeUsage usage;
    private final Clock clock;
    private final Map<String, Quota> quotas = new HashMap<>();
    private final Map<String, List<QuotaEvent>> history = new HashMap<>();
    private Optional<Freshness> sharesFreshness = Optional.empty();

    FakeQuotas(FakeStores stores, FakeUsage usage, Clock clock) {
        this.stores = stores;
        this.usage = usage;
        this.clock = clock;
    }

    synchronized void clear() {
        quotas.clear();
        history.clear();
        sharesFreshness = Optional.empty();
    }

    /** Of the shares alone, as if another instance had answered. */
    synchronized void sharesFreshness(Freshness fixed) {
        sharesFreshness = Optional.of(fixed);
    }

    /** Adds the newest entry of a history. */
    synchronized void audited(String tenantId, QuotaAudit audit) {
        List<QuotaEvent> events = history.computeIfAbsent(tenantId, key -> new ArrayList<>());
        events.add(0, QuotaEvent.of(String.format("%06d", events.size()), audit));
    }

    synchronized Answer<Quota> quota(String tenantId) {
        return stores.answer(of(tenantId));
    }

    synchronized Answer<QuotaStatus> quotaStatus(String tenantId) {
        Quota quota = of(tenantId);
        QuotaPeriod period = period(quota);
        long used = usage.billableBytes(tenantId, period);
        OptionalLong limit = quota.mode() == QuotaMode.OFF ? OptionalLong.empty() : quota.volumeBytes();
        QuotaState state = limit.isEmpty() || used < limit.getAsLong() * 0.8
                ? QuotaState.OPEN
                : used < limit.getAsLong() ? QuotaState.WARN : QuotaState.EXHAUSTED;
        return stores.answer(new QuotaStatus(quota.policyEpoch(), quota.mode(), state, limit, used,
                limit.isPresent() ? Math.min(limit.getAsLong(), used + used / 16) : used,
                limit.isPresent() ? OptionalLong.of(Math.max(0, limit.getAsLong() - used)) : OptionalLong.empty(), 0,
                quota.mode() == QuotaMode.HARD ? OptionalLong.of(0) : OptionalLong.empty(),
                quota.mode() == QuotaMode.SOFT ? OptionalLong.of(3_000_000) : OptionalLong.empty(),
                new QuotaStatus.ControlLoss(quota.onControlLoss(), 3, 0, OptionalLong.of(290), 0), false,
                period.id(), period.start(), period.end()));
    }

    synchronized Answer<QuotaStatus> quotaStatus(String tenantId, String userId) {
        Quota quota = of(tenantId);
        QuotaPeriod period = period(quota);
        return stores.answer(new QuotaStatus(quota.policyEpoch(), quota.mode(), QuotaState.OPEN,
                quota.userVolumeBytes(), 0,
                0, quota.userVolumeBytes(), 0, OptionalLong.empty(), OptionalLong.empty(),
                new QuotaStatus.ControlLoss(quota.onControlLoss(), 0, 0, OptionalLong.empty(), 0), false, period.id(),
                period.start(), period.end()));
    }

    private Quota of(String tenantId) {
        return quotas.getOrDefault(tenantId, DEFAULT);
    }

    private QuotaPeriod period(Quota quota) {
        return QuotaPeriod.at(clock.instant(), quota.period(), quota.anchor(), ZoneId.of(quota.timeZone()));
    }

    synchronized Answer<List<NodeShare>> shares(String tenantId) {
        Answer<List<NodeShare>> shares = stores.answer(
                List.of(new NodeShare("r1", 3, 6_000_000, 7_000_000, 8_000_000, 5, 4)));
        return sharesFreshness.map(fixed -> new Answer<>(shares.value(), fixed)).orElse(shares);
    }

    synchronized Answer<List<QuotaEvent>> quotaHistory(String tenantId, int limit) {
        return history(tenantId, event -> event.userId().isEmpty(), limit);
    }

    synchronized Answer<List<QuotaEvent>> usersQuotaHistory(String tenantId, Optional<String> userId, int limit) {
        return history(tenantId, event -> userId.map(event.userId()::equals).orElse(!event.userId().isEmpty()), limit);
    }

    private Answer<List<QuotaEvent>> history(String tenantId, Predicate<QuotaEvent> rule, int limit) {
        return stores.answer(history.getOrDefault(tenantId, List.of()).stream().filter(rule).limit(limit).toList());
    }

    synchronized long version(String tenantId) {
        return of(tenantId).policyEpoch();
    }

    synchronized CommandOutcome put(TenantCommand command, PutQuota action) {
        String id = command.getTenantId();
        long version = version(id);
        QuotaPolicy policy = action.getPolicy();
        if (policy.getOnControlLoss() == OnControlLoss.ALLOW) {
            return new CommandOutcome.Invalid("onControlLoss", "ALLOW is not served here");
        }
        quotas.put(id, quota(policy, version + 1));
        history.computeIfAbsent(id, key -> new ArrayList<>()).add(0,
                QuotaEvent.of(String.format("%06d", version + 1), QuotaAudit.newBuilder().setTenantId(id)
                        .setOccurredAt(command.getIssuedAt()).setKind(AuditKind.COMMAND_APPLIED)
                        .setCommand(CommandKind.PUT_QUOTA).setActor(command.getActor()).setVersion(version + 1)
                        .setChanges(List.of(new AuditChange("volumeBytes", "", "1")))
                        .setLimitBytes(quotas.get(id).volumeBytes().orElse(0)).build()));
        return new CommandOutcome.Applied(version + 1, version == 0);
    }

    private static Quota quota(QuotaPolicy policy, long version) {
        return new Quota(version, policy.getMode(), policy.getPeriod(), policy.getTimeZone(), policy.getAnchor(),
                optional(policy.getVolumeBytes()), optional(policy.getUserVolumeBytes()),
                optional(policy.getRateBitsPerSecond()), optional(policy.getUserRateBitsPerSecond()),
                optional(policy.getAllocationRateBitsPerSecond()),
                policy.getMaxAllocations() == null ? OptionalInt.empty() : OptionalInt.of(policy.getMaxAllocations()),
                policy.getMaxAllocationsPerUser() == null
                        ? OptionalInt.empty()
                        : OptionalInt.of(policy.getMaxAllocationsPerUser()),
                policy.getOnControlLoss(), policy.getSafeRateBitsPerSecond(), policy.getGraceBytes(),
                policy.getWarnPercents(), policy.getTailPercent(),
                Optional.of(policy.getUpdatedAt()));
    }

    private static OptionalLong optional(Long value) {
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }
}
