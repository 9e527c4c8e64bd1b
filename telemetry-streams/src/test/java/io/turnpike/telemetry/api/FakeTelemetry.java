package io.turnpike.telemetry.api;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.HttpServiceWithRoutes;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turnpike.control.v1.AccessTokenKey;
import io.turnpike.control.v1.AuditChange;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.CommandKind;
import io.turnpike.control.v1.DeleteTenant;
import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.PutQuota;
import io.turnpike.control.v1.PutTenant;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.control.v1.RevokeCredential;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.control.v1.TenantSecret;
import io.turnpike.control.v1.WebhookAction;
import io.turnpike.control.v1.WebhookCommand;
import io.turnpike.control.v1.WebhookSecret;
import io.turnpike.contract.QuotaPeriod;
import io.turnpike.telemetry.query.Allocation;
import io.turnpike.telemetry.query.AllocationPage;
import io.turnpike.telemetry.query.AllocationQueries;
import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.CommandGateway;
import io.turnpike.telemetry.query.CommandOutcome;
import io.turnpike.telemetry.query.Freshness;
import io.turnpike.telemetry.query.Node;
import io.turnpike.telemetry.query.NodeQueries;
import io.turnpike.telemetry.query.NodeShare;
import io.turnpike.telemetry.query.Outcome;
import io.turnpike.telemetry.query.OutcomeCounts;
import io.turnpike.telemetry.query.OutcomeQueries;
import io.turnpike.telemetry.query.Quota;
import io.turnpike.telemetry.query.QuotaEvent;
import io.turnpike.telemetry.query.QuotaStatus;
import io.turnpike.telemetry.query.Step;
import io.turnpike.telemetry.query.StoreUnavailable;
import io.turnpike.telemetry.query.Tenant;
import io.turnpike.telemetry.query.TenantPage;
import io.turnpike.telemetry.query.TenantQueries;
import io.turnpike.telemetry.query.TimeRange;
import io.turnpike.telemetry.query.Usage;
import io.turnpike.telemetry.query.UsageQueries;
import io.turnpike.telemetry.query.UsageSeries;
import io.turnpike.telemetry.query.UserPage;
import io.turnpike.telemetry.query.UserSort;
import io.turnpike.telemetry.query.UserUsage;
import io.turnpike.telemetry.query.WebhookEntry;
import io.turnpike.telemetry.query.WebhookQueries;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.Set;
import java.util.function.Predicate;

/** The telemetry application in memory: a few maps that answer as the stores would. Guarded by its monitor. */
final class FakeTelemetry
        implements
            UsageQueries,
            AllocationQueries,
            OutcomeQueries,
            NodeQueries,
            TenantQueries,
            WebhookQueries,
            CommandGateway {
    /** The default policy of a tenant that has none. */
    static final Quota DEFAULT_QUOTA = new Quota(0, QuotaMode.OFF, QuotaPeriodKind.MONTH, "UTC", 0,
            OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(),
            OptionalLong.empty(), OptionalInt.empty(), OptionalInt.empty(),
            OnControlLoss.STOP, 1_000_000, 64 * 1024 * 1024, List.of(80), 1,
            Optional.empty());

    private record Bucket(String tenant, String user, Instant minute) {}

    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final FakeExport export = new FakeExport();
    final FakeLetters letters = new FakeLetters();
    final FakeCompleteness completeness = new FakeCompleteness();
    private final Clock clock;
    private final Map<Bucket, Usage> buckets = new HashMap<>();
    private final List<Allocation> allocations = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Map<Instant, Usage>> relayed = new HashMap<>();
    private final Map<String, Map<Outcome, Long>> outcomes = new TreeMap<>();
    private final TreeMap<String, Tenant> tenants = new TreeMap<>();
    private final Map<String, List<TenantSecret>> secrets = new HashMap<>();
    private final Map<String, Instant> revocations = new HashMap<>();
    private final Map<String, Quota> quotas = new HashMap<>();
    private final Map<String, List<QuotaEvent>> history = new HashMap<>();
    private final TreeMap<String, TreeMap<String, WebhookEntry>> webhooks = new TreeMap<>();
    private final List<WebhookCommand> webhookCommands = new ArrayList<>();
    private final List<TenantCommand> commands = new ArrayList<>();
    private Optional<Freshness> freshness = Optional.empty();
    private Optional<Freshness> sharesFreshness = Optional.empty();
    private Optional<StoreUnavailable> unavailable = Optional.empty();
    private boolean isUsageAway;
    private boolean isLedgerSilent;
    private Readiness readiness = Readiness.yes();

    FakeTelemetry(Clock clock) {
        this.clock = clock;
    }

    /** Forgets everything, as if it were new. */
    synchronized void clear() {
        buckets.clear();
        allocations.clear();
        nodes.clear();
        relayed.clear();
        outcomes.clear();
        tenants.clear();
        secrets.clear();
        revocations.clear();
        quotas.clear();
        history.clear();
        commands.clear();
        webhooks.clear();
        webhookCommands.clear();
        freshness = Optional.empty();
        sharesFreshness = Optional.empty();
        unavailable = Optional.empty();
        isUsageAway = false;
        isLedgerSilent = false;
        readiness = Readiness.yes();
        letters.clear();
        completeness.hours.clear();
    }

    ApiSources sources() {
        return new ApiSources(this, export, this, this, this, completeness, this, this, this, letters, new NoPeers(),
                meters,
                () -> "# fake metrics\nturnpike_up 1\n",
                this::readiness, clock);
    }

    synchronized void use(String tenant, String user, Instant at, Usage usage) {
        buckets.merge(new Bucket(tenant, user, Step.MINUTE.floor(at)), usage, Usage::plus);
    }

    synchronized void relay(String node, Instant at, Usage usage) {
        relayed.computeIfAbsent(node, id -> new HashMap<>()).merge(Step.MINUTE.floor(at), usage, Usage::plus);
    }

    synchronized void add(Allocation allocation) {
        allocations.removeIf(known -> known.id().equals(allocation.id()));
        allocations.add(allocation);
    }

    synchronized void add(Node node) {
        nodes.removeIf(known -> known.id().equals(node.id()));
        nodes.add(node);
        nodes.sort(Comparator.comparing(Node::id));
    }

    synchronized void count(String tenant, Outcome outcome, long count) {
        outcomes.computeIfAbsent(tenant, key -> zeros()).merge(outcome, count, Long::sum);
    }

    synchronized void freshness(Freshness fixed) {
        freshness = Optional.of(fixed);
    }

    /** Of the shares alone, as if another instance had answered. */
    synchronized void sharesFreshness(Freshness fixed) {
        sharesFreshness = Optional.of(fixed);
    }

    synchronized void unavailable(Duration retryAfter) {
        unavailable = Optional.of(new StoreUnavailable("the store is restoring", retryAfter));
    }

    synchronized void available() {
        unavailable = Optional.empty();
    }

    /** Series cannot be read, everything else can. */
    synchronized void usageAway(boolean isAway) {
        isUsageAway = isAway;
    }

    synchronized void silenceLedger() {
        isLedgerSilent = true;
    }

    synchronized void readiness(Readiness now) {
        readiness = now;
    }

    synchronized List<TenantCommand> commands() {
        return List.copyOf(commands);
    }

    private synchronized Readiness readiness() {
        return readiness;
    }

    @Override
    public synchronized Answer<UsageSeries> tenantUsage(String tenantId, TimeRange range, Step step) {
        return series(usedBy(bucket -> bucket.tenant.equals(tenantId)), range, step);
    }

    @Override
    public synchronized Answer<UsageSeries> userUsage(String tenantId, String userId, TimeRange range, Step step) {
        return series(usedBy(bucket -> bucket.tenant.equals(tenantId) && bucket.user.equals(userId)), range, step);
    }

    @Override
    public synchronized Answer<UsageSeries> clusterUsage(TimeRange range, Step step) {
        return series(usedBy(bucket -> true), range, step);
    }

    @Override
    public synchronized Answer<UsageSeries> nodeUsage(String nodeId, TimeRange range, Step step) {
        return series(relayed.getOrDefault(nodeId, Map.of()), range, step);
    }

    private Map<Instant, Usage> usedBy(Predicate<Bucket> filter) {
        Map<Instant, Usage> minutes = new HashMap<>();
        buckets.forEach((bucket, usage) -> {
            if (filter.test(bucket)) {
                minutes.merge(bucket.minute, usage, Usage::plus);
            }
        });
        return minutes;
    }

    private Answer<UsageSeries> series(Map<Instant, Usage> minutes, TimeRange range, Step step) {
        if (isUsageAway) {
            throw new StoreUnavailable("the usage store is moving", Duration.ofSeconds(1));
        }
        TreeMap<Instant, Usage> points = new TreeMap<>();
        minutes.forEach((minute, usage) -> {
            if (range.contains(minute)) {
                points.merge(step.floor(minute), usage, Usage::plus);
            }
        });
        return answer(new UsageSeries(range, step, points.entrySet().stream()
                .map(entry -> new UsageSeries.Point(entry.getKey(), entry.getValue())).toList()));
    }

    @Override
    public synchronized Answer<UserPage> users(String tenantId, TimeRange range, Step step, UserSort sort, int limit,
            Optional<UserPage.After> after) {
        Map<String, Usage> sums = new HashMap<>();
        buckets.forEach((bucket, usage) -> {
            if (bucket.tenant.equals(tenantId) && range.contains(bucket.minute)) {
                sums.merge(bucket.user, usage, Usage::plus);
            }
        });
        List<UserUsage> rest = sums.entrySet().stream().map(entry -> new UserUsage(entry.getKey(), entry.getValue()))
                .sorted(sort.order())
                .filter(user -> after
                        .map(end -> sort.order().compare(user, new UserUsage(end.user(),
                                new Usage(Usage.ZERO.clientToRelay(), Usage.ZERO.relayToPeer(),
                                        Usage.ZERO.peerToRelay(), Usage.ZERO.relayToClient(),
                                        end.billableBytes()))) > 0)
                        .orElse(true))
                .toList();
        List<UserUsage> page = rest.subList(0, Math.min(limit, rest.size()));
        return answer(new UserPage(page, rest.size() > limit
                ? Optional.of(new UserPage.After(page.get(limit - 1).billableBytes(), page.get(limit - 1).user()))
                : Optional.empty()));
    }

    @Override
    public synchronized Answer<AllocationPage> allocations(String tenantId, Allocation.State state,
            Optional<String> userId, int limit, Optional<AllocationPage.After> after) {
        List<Allocation> rest = allocations.stream()
                .filter(allocation -> allocation.tenantId().equals(tenantId) && allocation.state() == state
                        && userId.map(allocation.userId()::equals).orElse(true)
                        && after.map(end -> allocation.id().compareTo(end.id()) > 0).orElse(true))
                .sorted(Comparator.comparing(Allocation::id)).toList();
        List<Allocation> page = rest.subList(0, Math.min(limit, rest.size()));
        return answer(new AllocationPage(page, rest.size() > limit
                ? Optional.of(new AllocationPage.After(page.get(limit - 1).endedAt(), page.get(limit - 1).id()))
                : Optional.empty()));
    }

    @Override
    public synchronized Answer<Optional<Allocation>> allocation(String allocationId) {
        return answer(allocations.stream().filter(allocation -> allocation.id().equals(allocationId)).findFirst());
    }

    @Override
    public synchronized Answer<OutcomeCounts> tenantOutcomes(String tenantId) {
        return answer(new OutcomeCounts(outcomes.getOrDefault(tenantId, zeros()), Optional.of(Instant.EPOCH)));
    }

    @Override
    public synchronized Answer<OutcomeCounts> clusterOutcomes() {
        Map<Outcome, Long> sum = zeros();
        outcomes.values().forEach(counts -> counts.forEach((outcome, count) -> sum.merge(outcome, count, Long::sum)));
        return answer(new OutcomeCounts(sum, Optional.of(Instant.EPOCH)));
    }

    private static Map<Outcome, Long> zeros() {
        Map<Outcome, Long> zeros = new EnumMap<>(Outcome.class);
        for (Outcome outcome : Outcome.values()) {
            zeros.put(outcome, 0L);
        }
        return zeros;
    }

    @Override
    public synchronized Answer<List<Node>> nodes() {
        return answer(List.copyOf(nodes));
    }

    @Override
    public synchronized Answer<Optional<Node>> node(String nodeId) {
        return answer(nodes.stream().filter(node -> node.id().equals(nodeId)).findFirst());
    }

    @Override
    public synchronized Answer<TenantPage> tenants(int limit, Optional<String> after) {
        List<Tenant> rest = List
                .copyOf(after.map(id -> tenants.tailMap(id, false)).orElse(tenants).values());
        List<Tenant> page = rest.subList(0, Math.min(limit, rest.size()));
        return answer(new TenantPage(page,
                rest.size() > limit ? Optional.of(page.get(limit - 1).id()) : Optional.empty()));
    }

    @Override
    public synchronized Answer<Optional<Tenant>> tenant(String tenantId) {
        return answer(Optional.ofNullable(tenants.get(tenantId)));
    }

    @Override
    public synchronized Answer<List<TenantSecret>> sealedSecrets(String tenantId) {
        return answer(secrets.getOrDefault(tenantId, List.of()));
    }

    @Override
    public synchronized Answer<Optional<Instant>> revokedAt(String tenantId, String userId) {
        return answer(Optional.ofNullable(revocations.get(tenantId + '|' + userId)));
    }

    @Override
    public synchronized Answer<Quota> quota(String tenantId) {
        return answer(quotas.getOrDefault(tenantId, DEFAULT_QUOTA));
    }

    @Override
    public synchronized Answer<QuotaStatus> quotaStatus(String tenantId, String userId) {
        Quota quota = quotas.getOrDefault(tenantId, DEFAULT_QUOTA);
        QuotaPeriod period = QuotaPeriod.at(clock.instant(), quota.period(), quota.anchor(),
                ZoneId.of(quota.timeZone()));
        return answer(new QuotaStatus(quota.policyEpoch(), quota.mode(), QuotaState.OPEN, quota.userVolumeBytes(), 0,
                0, quota.userVolumeBytes(), 0, OptionalLong.empty(), OptionalLong.empty(),
                new QuotaStatus.ControlLoss(quota.onControlLoss(), 0, 0, OptionalLong.empty(), 0), false, period.id(),
                period.start(), period.end()));
    }

    @Override
    public synchronized Answer<List<NodeShare>> shares(String tenantId) {
        Answer<List<NodeShare>> shares = answer(
                List.of(new NodeShare("r1", 3, 6_000_000, 7_000_000, 8_000_000, 5, 4)));
        return sharesFreshness.map(fixed -> new Answer<>(shares.value(), fixed)).orElse(shares);
    }

    @Override
    public synchronized Answer<QuotaStatus> quotaStatus(String tenantId) {
        Quota quota = quotas.getOrDefault(tenantId, DEFAULT_QUOTA);
        QuotaPeriod period = QuotaPeriod.at(clock.instant(), quota.period(), quota.anchor(),
                ZoneId.of(quota.timeZone()));
        long used = buckets.entrySet().stream()
                .filter(entry -> entry.getKey().tenant.equals(tenantId) && period.contains(entry.getKey().minute))
                .mapToLong(entry -> entry.getValue().billableBytes()).sum();
        OptionalLong limit = quota.mode() == QuotaMode.OFF ? OptionalLong.empty() : quota.volumeBytes();
        QuotaState state = limit.isEmpty() || used < limit.getAsLong() * 0.8
                ? QuotaState.OPEN
                : used < limit.getAsLong() ? QuotaState.WARN : QuotaState.EXHAUSTED;
        return answer(new QuotaStatus(quota.policyEpoch(), quota.mode(), state, limit, used,
                limit.isPresent() ? Math.min(limit.getAsLong(), used + used / 16) : used,
                limit.isPresent() ? OptionalLong.of(Math.max(0, limit.getAsLong() - used)) : OptionalLong.empty(), 0,
                quota.mode() == QuotaMode.HARD ? OptionalLong.of(0) : OptionalLong.empty(),
                quota.mode() == QuotaMode.SOFT ? OptionalLong.of(3_000_000) : OptionalLong.empty(),
                new QuotaStatus.ControlLoss(quota.onControlLoss(), 3, 0, OptionalLong.of(290), 0), false,
                period.id(), period.start(), period.end()));
    }

    @Override
    public synchronized Answer<List<QuotaEvent>> quotaHistory(String tenantId, int limit) {
        return answer(history.getOrDefault(tenantId, List.of()).stream().limit(limit).toList());
    }

    /** Adds the newest entry of a history. */
    synchronized void audited(String tenantId, QuotaAudit audit) {
        List<QuotaEvent> events = history.computeIfAbsent(tenantId, key -> new ArrayList<>());
        events.add(0, QuotaEvent.of(String.format("%06d", events.size()), audit));
    }

    @Override
    public synchronized CompletionStage<CommandOutcome> submit(TenantCommand command) {
        commands.add(command);
        if (isLedgerSilent) {
            return new CompletableFuture<>();
        }
        return CompletableFuture.completedFuture(decide(command, command.getTenantId()));
    }

    @Override
    public synchronized Answer<List<WebhookEntry>> webhooks(String tenantId) {
        return answer(List.copyOf(webhooks.getOrDefault(tenantId, new TreeMap<>()).values()));
    }

    synchronized List<WebhookCommand> webhookCommands() {
        return List.copyOf(webhookCommands);
    }

    /** Says how a webhook fares. */
    synchronized void fares(String tenantId, String name, WebhookEntry.Delivery delivery) {
        webhooks.get(tenantId).computeIfPresent(name, (key, entry) -> new WebhookEntry(entry.name(), entry.version(),
                entry.url(), entry.secretIds(), entry.events(), entry.status(), entry.disabledReason(),
                entry.updatedAt(), Optional.of(delivery)));
    }

    @Override
    public synchronized CompletionStage<CommandOutcome> submit(WebhookCommand command) {
        webhookCommands.add(command);
        return CompletableFuture.completedFuture(decide(command));
    }

    private CommandOutcome decide(WebhookCommand command) {
        if (!tenants.containsKey(command.getTenantId())) {
            return new CommandOutcome.Missing("there is no tenant " + command.getTenantId());
        }
        TreeMap<String, WebhookEntry> ofTenant = webhooks.computeIfAbsent(command.getTenantId(),
                id -> new TreeMap<>());
        WebhookEntry before = ofTenant.get(command.getName());
        long version = before == null ? 0 : before.version();
        if (command.getIfMatch() != null && command.getIfMatch() != version) {
            return new CommandOutcome.PreconditionFailed(version, "it is at version " + version);
        }
        if (command.getAction() == WebhookAction.PUT) {
            if (before == null && command.getSecrets() == null) {
                return new CommandOutcome.Invalid("secrets", "must hold 1 to 2 keys with different ids");
            }
            ofTenant.put(command.getName(), new WebhookEntry(command.getName(), version + 1, command.getUrl(),
                    command.getSecrets() == null
                            ? before.secretIds()
                            : command.getSecrets().stream().map(WebhookSecret::getId).toList(),
                    command.getEvents(), command.getStatus(), "", command.getIssuedAt(), Optional.empty()));
            return new CommandOutcome.Applied(version + 1, before == null);
        }
        if (before == null) {
            return new CommandOutcome.Missing("there is no webhook " + command.getName());
        }
        if (command.getAction() == WebhookAction.DELETE) {
            ofTenant.remove(command.getName());
        }
        return new CommandOutcome.Applied(version, false);
    }

    private CommandOutcome decide(TenantCommand command, String id) {
        Tenant before = tenants.get(id);
        Object action = command.getAction();
        long version = action instanceof PutQuota
                ? quotas.getOrDefault(id, DEFAULT_QUOTA).policyEpoch()
                : before == null ? 0 : before.version();
        if (command.getIfMatch() != null && command.getIfMatch() != version) {
            return new CommandOutcome.PreconditionFailed(version, "it is at version " + version);
        }
        if (action instanceof PutTenant put) {
            if (put.getSecrets() != null) {
                secrets.put(id, put.getSecrets());
            }
            List<String> kept = before == null ? List.of() : before.accessTokenKeyIds();
            List<String> keyIds = put.getAccessTokenKeys() == null
                    ? kept
                    : put.getAccessTokenKeys().stream().map(AccessTokenKey::getId).toList();
            tenants.put(id, new Tenant(id, version + 1, put.getDisplayName(), put.getStatus(),
                    secrets.getOrDefault(id, List.of()).stream().map(TenantSecret::getId).toList(),
                    put.getChannelNumbers(), put.getBillableRule(), put.getCredentialExpiry(), keyIds,
                    put.getServerNames(), put.getPeerAllow(), put.getPeerDeny(), command.getIssuedAt()));
            return new CommandOutcome.Applied(version + 1, before == null);
        }
        if (before == null) {
            return new CommandOutcome.Missing("there is no tenant " + id);
        }
        if (action instanceof DeleteTenant) {
            tenants.remove(id);
            return new CommandOutcome.Applied(version + 1, false);
        }
        if (action instanceof RevokeCredential revoke) {
            revocations.put(id + '|' + revoke.getUserId(), command.getIssuedAt());
            return new CommandOutcome.Applied(version, false);
        }
        QuotaPolicy policy = ((PutQuota) action).getPolicy();
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

    private <T> Answer<T> answer(T value) {
        check();
        return new Answer<>(value, freshness.orElseGet(() -> Freshness.complete(clock.instant(), 12)));
    }

    private void check() {
        unavailable.ifPresent(reason -> {
            throw reason;
        });
    }

    /** Instances ask each other on a route that the API does not describe. */
    private static final class NoPeers implements HttpServiceWithRoutes {
        @Override
        public Set<com.linecorp.armeria.server.Route> routes() {
            return Set.of(com.linecorp.armeria.server.Route.builder().path("/internal/test").build());
        }

        @Override
        public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
            return HttpResponse.of(HttpStatus.UNAUTHORIZED);
        }
    }
}
