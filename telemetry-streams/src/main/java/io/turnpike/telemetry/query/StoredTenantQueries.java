package io.turnpike.telemetry.query;

import io.turnpike.control.v1.AccessTokenKey;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.Revocation;
import io.turnpike.control.v1.SecretAlgorithm;
import io.turnpike.control.v1.TenantRecord;
import io.turnpike.control.v1.TenantSecret;
import io.turnpike.control.v1.TenantStatus;
import io.turnpike.telemetry.ledger.PeriodTotals;
import io.turnpike.telemetry.ledger.QuotaAccount;
import io.turnpike.telemetry.ledger.QuotaScope;
import io.turnpike.telemetry.ledger.QuotaStanding;
import io.turnpike.telemetry.ledger.QuotaSummary;
import io.turnpike.telemetry.ledger.UserPolicy;
import io.turnpike.telemetry.ledger.share.Share;
import io.turnpike.telemetry.store.LedgerStores;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * Answers about tenants and quotas from the ledger's stores. A partition whose ledger has not yet taken over what was
 * decided before is not available: its empty store must not be read as a tenant that does not exist.
 */
public final class StoredTenantQueries implements TenantQueries {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final Question<PageOf, Tenants> page;
    private final Question<Of, Tenants> tenant;
    private final Question<Of, Secrets> secrets;
    private final Question<OfUser, RevokedAt> revokedAt;
    private final Question<Of, Quota> quota;
    private final Question<OfUser, QuotaStatus> status;
    private final Question<Of, Shares> shares;
    private final Question<HistoryOf, Events> history;
    private final Question<UsersHistoryOf, Events> usersHistory;
    private final QuotaPolicy defaultPolicy;
    private final Clock clock;

    private record Of(String tenantId) {}

    private record OfUser(String tenantId, String userId) {}

    private record PageOf(int most, Optional<String> after) {}

    private record HistoryOf(String tenantId, int most) {}

    private record UsersHistoryOf(String tenantId, Optional<String> userId, int most) {}

    private record Tenants(List<Tenant> tenants) {}

    private record Secrets(List<Secret> secrets) {}

    /** {@link TenantSecret}, sealed as it is. */
    private record Secret(String id, SecretAlgorithm algorithm, byte[] sealed) {
        static Secret of(TenantSecret secret) {
            byte[] sealed = new byte[secret.getSealed().remaining()];
            secret.getSealed().duplicate().get(sealed);
            return new Secret(secret.getId(), secret.getAlgorithm(), sealed);
        }

        TenantSecret record() {
            return TenantSecret.newBuilder().setId(id).setAlgorithm(algorithm).setSealed(ByteBuffer.wrap(sealed))
                    .build();
        }
    }

    private record RevokedAt(Optional<Instant> at) {}

    private record Events(List<QuotaEvent> events) {}

    private record Shares(List<NodeShare> shares) {}

    /**
     * Answers from the ledger's partitions.
     *
     * @param partitions where they are
     * @param defaultPolicy policy of a tenant that has none
     */
    public StoredTenantQueries(Partitions partitions, QuotaPolicy defaultPolicy, Clock clock) {
        this.defaultPolicy = defaultPolicy;
        this.clock = clock;
        page = serve(partitions, "tenants", PageOf.class, Tenants.class, StoredTenantQueries::page);
        tenant = serve(partitions, "tenant", Of.class, Tenants.class, (question, stores) -> new Tenants(
                record(question.tenantId(), stores).map(StoredTenantQueries::view).stream().toList()));
        secrets = serve(partitions, "tenant-secrets", Of.class, Secrets.class, StoredTenantQueries::secrets);
        revokedAt = serve(partitions, "revoked-at", OfUser.class, RevokedAt.class, StoredTenantQueries::revokedAt);
        quota = serve(partitions, "quota", Of.class, Quota.class,
                (question, stores) -> view(policy(question.tenantId(), stores)));
        status = serve(partitions, "quota-status", OfUser.class, QuotaStatus.class, this::status);
        shares = serve(partitions, "quota-shares", Of.class, Shares.class, StoredTenantQueries::shares);
        history = serve(partitions, "quota-history", HistoryOf.class, Events.class,
                (question, stores) -> history(LedgerStores.prefix(question.tenantId()), Optional.empty(),
                        question.most(), stores));
        usersHistory = serve(partitions, "users-quota-history", UsersHistoryOf.class, Events.class,
                (question, stores) -> history(LedgerStores.usersAudits(question.tenantId()), question.userId(),
                        question.most(), stores));
    }

    private static <Q extends Record, A extends Record> Question<Q, A> serve(Partitions partitions, String name,
            Class<Q> question, Class<A> answer, BiFunction<Q, PartitionStores, A> answering) {
        return partitions.serve(name, StoreGroup.LEDGER, question, answer, (asked, stores) -> {
            ReadOnlyKeyValueStore<String, String> marker = stores.open(LedgerStores.MARKER);
            if (marker.get(LedgerStores.REBUILT) == null) {
                throw new StoreUnavailable("the ledger is being rebuilt", RETRY_AFTER);
            }
            return answering.apply(asked, stores);
        });
    }

    @Override
    public Answer<TenantPage> tenants(int limit, Optional<String> after) {
        return page.ofAll(new PageOf(limit + 1, after)).map(parts -> {
            List<Tenant> found = parts.stream().flatMap(part -> part.tenants().stream())
                    .sorted(Comparator.comparing(Tenant::id)).limit(limit + 1L).toList();
            List<Tenant> shown = found.stream().limit(limit).toList();
            return new TenantPage(shown,
                    found.size() > limit ? Optional.of(shown.get(limit - 1).id()) : Optional.empty());
        });
    }

    @Override
    public Answer<Optional<Tenant>> tenant(String tenantId) {
        return tenant.ofKey(tenantId, new Of(tenantId)).map(part -> part.tenants().stream().findFirst());
    }

    @Override
    public Answer<List<TenantSecret>> sealedSecrets(String tenantId) {
        return secrets.ofKey(tenantId, new Of(tenantId)).map(part -> part.secrets().stream()
                .map(Secret::record).toList());
    }

    @Override
    public Answer<Optional<Instant>> revokedAt(String tenantId, String userId) {
        return revokedAt.ofKey(tenantId, new OfUser(tenantId, userId)).map(RevokedAt::at);
    }

    @Override
    public Answer<Quota> quota(String tenantId) {
        return quota.ofKey(tenantId, new Of(tenantId));
    }

    @Override
    public Answer<QuotaStatus> quotaStatus(String tenantId) {
        return quotaStatus(tenantId, "");
    }

    @Override
    public Answer<QuotaStatus> quotaStatus(String tenantId, String userId) {
        return status.ofKey(tenantId, new OfUser(tenantId, userId));
    }

    @Override
    public Answer<List<NodeShare>> shares(String tenantId) {
        return shares.ofKey(tenantId, new Of(tenantId)).map(Shares::shares);
    }

    @Override
    public Answer<List<QuotaEvent>> quotaHistory(String tenantId, int limit) {
        return history.ofKey(tenantId, new HistoryOf(tenantId, limit)).map(Events::events);
    }

    @Override
    public Answer<List<QuotaEvent>> usersQuotaHistory(String tenantId, Optional<String> userId, int limit) {
        return usersHistory.ofKey(tenantId, new UsersHistoryOf(tenantId, userId, limit)).map(Events::events);
    }

    private static Tenants page(PageOf question, PartitionStores stores) {
        List<Tenant> found = new ArrayList<>();
        ReadOnlyKeyValueStore<String, TenantRecord> tenants = stores.open(LedgerStores.TENANTS);
        try (KeyValueIterator<String, TenantRecord> all = tenants.range(question.after().orElse(null), null)) {
            while (all.hasNext() && found.size() < question.most()) {
                TenantRecord tenant = all.next().value;
                if (isThere(tenant) && !question.after().equals(Optional.of(tenant.getTenantId()))) {
                    found.add(view(tenant));
                }
            }
        }
        return new Tenants(found);
    }

    private static Secrets secrets(Of question, PartitionStores stores) {
        return new Secrets(record(question.tenantId(), stores).map(TenantRecord::getSecrets).orElse(List.of()).stream()
                .map(Secret::of).toList());
    }

    private static RevokedAt revokedAt(OfUser question, PartitionStores stores) {
        ReadOnlyKeyValueStore<String, Revocation> revocations = stores.open(LedgerStores.REVOCATIONS);
        return new RevokedAt(Optional
                .ofNullable(revocations.get(LedgerStores.user(question.tenantId(), question.userId())))
                .map(Revocation::getRevokedAt));
    }

    private QuotaStatus status(OfUser question, PartitionStores stores) {
        QuotaScope scope = new QuotaScope(question.tenantId(), question.userId());
        Instant now = clock.instant();
        ReadOnlyKeyValueStore<String, QuotaStanding> quotas = stores.open(LedgerStores.QUOTAS);
        Optional<QuotaStanding> known = Optional.ofNullable(quotas.get(scope.text()));
        Optional<PeriodTotals> sums = Optional.empty();
        List<QuotaAccount> accounts = new ArrayList<>();
        if (known.isPresent()) {
            String prefix = LedgerStores.prefix(scope, known.get().period().id());
            ReadOnlyKeyValueStore<String, PeriodTotals> totals = stores.open(LedgerStores.TOTALS);
            sums = Optional.ofNullable(totals.get(prefix));
            LedgerStores.each(stores.<String, QuotaAccount>open(LedgerStores.ACCOUNTS), prefix,
                    (key, account) -> accounts.add(account));
        }
        QuotaPolicy policy = UserPolicy.of(scope, policy(scope.tenantId(), stores));
        return view(QuotaSummary.of(policy, known, sums, accounts, now));
    }

    private static Shares shares(Of question, PartitionStores stores) {
        List<NodeShare> found = new ArrayList<>();
        LedgerStores.each(stores.<String, Share>open(LedgerStores.SHARES), LedgerStores.prefix(question.tenantId()),
                (key, share) -> {
                    if (share.key().userId().isEmpty()) {
                        found.add(new NodeShare(share.key().nodeId(), share.key().nodeEpoch(), share.bitsPerSecond(),
                                share.heldBitsPerSecond(), share.demandBitsPerSecond(), share.slots(), share.used()));
                    }
                });
        return new Shares(found);
    }

    private static Events history(String prefix, Optional<String> userId, int most, PartitionStores stores) {
        List<QuotaEvent> events = new ArrayList<>();
        LedgerStores.each(stores.<String, QuotaAudit>open(LedgerStores.AUDITS), prefix, (key, audit) -> {
            if (userId.isEmpty() || userId.get().equals(audit.getUserId())) {
                events.add(QuotaEvent.of(key.substring(prefix.length()), audit));
            }
        });
        Collections.reverse(events);
        return new Events(events.stream().limit(most).toList());
    }

    private static Optional<TenantRecord> record(String tenantId, PartitionStores stores) {
        ReadOnlyKeyValueStore<String, TenantRecord> tenants = stores.open(LedgerStores.TENANTS);
        return Optional.ofNullable(tenants.get(tenantId)).filter(StoredTenantQueries::isThere);
    }

    private QuotaPolicy policy(String tenantId, PartitionStores stores) {
        ReadOnlyKeyValueStore<String, QuotaPolicy> policies = stores.open(LedgerStores.POLICIES);
        QuotaPolicy own = policies.get(tenantId);
        return own == null ? QuotaPolicy.newBuilder(defaultPolicy).setPolicyEpoch(0L).build() : own;
    }

    private static boolean isThere(TenantRecord tenant) {
        return tenant.getStatus() != TenantStatus.DELETED;
    }

    private static Tenant view(TenantRecord tenant) {
        return new Tenant(tenant.getTenantId(), tenant.getVersion(), tenant.getDisplayName(), tenant.getStatus(),
                tenant.getSecrets().stream().map(TenantSecret::getId).toList(), tenant.getChannelNumbers(),
                tenant.getBillableRule(), tenant.getCredentialExpiry(),
                tenant.getAccessTokenKeys().stream().map(AccessTokenKey::getId).toList(), tenant.getServerNames(),
                tenant.getPeerAllow(), tenant.getPeerDeny(), tenant.getUpdatedAt());
    }

    private static Quota view(QuotaPolicy policy) {
        Optional<Instant> updatedAt = policy.getPolicyEpoch() == 0
                ? Optional.empty()
                : Optional.of(policy.getUpdatedAt());
        return new Quota(policy.getPolicyEpoch(), policy.getMode(), policy.getPeriod(), policy.getTimeZone(),
                policy.getAnchor(), optional(policy.getVolumeBytes()), optional(policy.getUserVolumeBytes()),
                optional(policy.getRateBitsPerSecond()), optional(policy.getUserRateBitsPerSecond()),
                optional(policy.getAllocationRateBitsPerSecond()),
                optional(policy.getMaxAllocations()), optional(policy.getMaxAllocationsPerUser()),
                policy.getOnControlLoss(), policy.getSafeRateBitsPerSecond(), policy.getGraceBytes(),
                policy.getWarnPercents(), policy.getTailPercent(), updatedAt);
    }

    private static QuotaStatus view(QuotaSummary summary) {
        return new QuotaStatus(summary.policyEpoch(), summary.mode(), summary.state(), summary.limitBytes(),
                summary.usedBytes(), summary.grantedBytes(), summary.remainingBytes(), summary.uncertainBytes(),
                summary.overshootBoundBytes(), summary.feedbackOvershootBytes(),
                new QuotaStatus.ControlLoss(summary.controlLoss().policy(), summary.controlLoss().nodes(),
                        summary.controlLoss().graceBytesPerNode(), summary.controlLoss().survivesSeconds(),
                        summary.controlLoss().ungrantedBytes()),
                summary.arming(),
                summary.period().id(), summary.period().start(), summary.period().end());
    }

    private static OptionalLong optional(Long value) {
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    private static OptionalInt optional(Integer value) {
        return value == null ? OptionalInt.empty() : OptionalInt.of(value);
    }
}
