package io.turnpike.telemetry.query;

import io.turnpike.control.v1.AccessTokenKey;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.Revocation;
import io.turnpike.control.v1.TenantRecord;
import io.turnpike.control.v1.TenantSecret;
import io.turnpike.control.v1.TenantStatus;
import io.turnpike.telemetry.ledger.PeriodTotals;
import io.turnpike.telemetry.ledger.QuotaAccount;
import io.turnpike.telemetry.ledger.QuotaStanding;
import io.turnpike.telemetry.ledger.QuotaSummary;
import io.turnpike.telemetry.store.LedgerStores;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * Answers about tenants and quotas from the ledger's stores. A partition whose ledger has not yet taken over what was
 * decided before is not available: its empty store must not be read as a tenant that does not exist.
 */
public final class StoredTenantQueries implements TenantQueries {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final LedgerPartitions stores;
    private final IntSupplier partitions;
    private final QuotaPolicy defaultPolicy;
    private final Supplier<Freshness> freshness;
    private final Clock clock;

    /** The stores of one partition of the ledger. */
    interface LedgerPartitions {
        /**
         * Opens a store for reading.
         *
         * @throws InvalidStateStoreException if it is not here now
         */
        <V> ReadOnlyKeyValueStore<String, V> open(String store, int partition);
    }

    StoredTenantQueries(LedgerPartitions stores, IntSupplier partitions, QuotaPolicy defaultPolicy,
            Supplier<Freshness> freshness, Clock clock) {
        this.stores = stores;
        this.partitions = partitions;
        this.defaultPolicy = defaultPolicy;
        this.freshness = freshness;
        this.clock = clock;
    }

    /**
     * Answers from the stores of a running application.
     *
     * @param streams once they were started
     * @param partitions of the topics keyed by tenant; 0 while that is not known
     * @param defaultPolicy policy of a tenant that has none
     * @param freshness how far the ledger is behind its topics; complete
     */
    public static StoredTenantQueries of(Supplier<Optional<KafkaStreams>> streams, IntSupplier partitions,
            QuotaPolicy defaultPolicy, Supplier<Freshness> freshness, Clock clock) {
        return new StoredTenantQueries(new LedgerPartitions() {
            @Override
            public <V> ReadOnlyKeyValueStore<String, V> open(String store, int partition) {
                KafkaStreams running = streams.get().orElseThrow(() -> unavailable("the ledger waits for Kafka"));
                return running.store(StoreQueryParameters
                        .fromNameAndType(store, QueryableStoreTypes.<String, V>keyValueStore())
                        .withPartition(partition));
            }
        }, partitions, defaultPolicy, freshness, clock);
    }

    @Override
    public Answer<TenantPage> tenants(int limit, Optional<String> after) {
        TreeMap<String, Tenant> found = new TreeMap<>();
        List<Integer> missing = new ArrayList<>();
        int count = partitions();
        for (int partition = 0; partition < count; partition++) {
            try {
                ReadOnlyKeyValueStore<String, TenantRecord> store = open(LedgerStores.TENANTS, partition);
                try (KeyValueIterator<String, TenantRecord> all = store.range(after.orElse(null), null)) {
                    int taken = 0;
                    while (all.hasNext() && taken <= limit) {
                        TenantRecord tenant = all.next().value;
                        if (isThere(tenant) && !after.equals(Optional.of(tenant.getTenantId()))) {
                            found.put(tenant.getTenantId(), view(tenant));
                            taken++;
                        }
                    }
                }
            } catch (StoreUnavailable | InvalidStateStoreException e) {
                missing.add(partition);
            }
        }
        if (missing.size() == count) {
            throw unavailable("no partition of the ledger is available");
        }
        List<Tenant> page = found.values().stream().limit(limit).toList();
        Optional<String> next = found.size() > limit ? Optional.of(page.get(page.size() - 1).id()) : Optional.empty();
        Freshness now = freshness.get();
        return new Answer<>(new TenantPage(page, next),
                new Freshness(now.asOf(), now.lagMs(), now.complete() && missing.isEmpty(), missing));
    }

    @Override
    public Answer<Optional<Tenant>> tenant(String tenantId) {
        return whileHere(() -> answer(record(tenantId).map(StoredTenantQueries::view)));
    }

    @Override
    public Answer<List<TenantSecret>> sealedSecrets(String tenantId) {
        return whileHere(() -> answer(record(tenantId).map(TenantRecord::getSecrets).orElse(List.of())));
    }

    @Override
    public Answer<Optional<Instant>> revokedAt(String tenantId, String userId) {
        return whileHere(() -> {
            ReadOnlyKeyValueStore<String, Revocation> store = open(LedgerStores.REVOCATIONS, partitionOf(tenantId));
            return answer(Optional.ofNullable(store.get(LedgerStores.user(tenantId, userId)))
                    .map(Revocation::getRevokedAt));
        });
    }

    @Override
    public Answer<Quota> quota(String tenantId) {
        return whileHere(() -> answer(view(policy(tenantId))));
    }

    @Override
    public Answer<QuotaStatus> quotaStatus(String tenantId) {
        return whileHere(() -> statusOf(tenantId));
    }

    private Answer<QuotaStatus> statusOf(String tenantId) {
        int partition = partitionOf(tenantId);
        Instant now = clock.instant();
        ReadOnlyKeyValueStore<String, QuotaStanding> quotas = open(LedgerStores.QUOTAS, partition);
        Optional<QuotaStanding> known = Optional.ofNullable(quotas.get(tenantId));
        Optional<PeriodTotals> sums = Optional.empty();
        List<QuotaAccount> accounts = new ArrayList<>();
        if (known.isPresent()) {
            String prefix = LedgerStores.prefix(tenantId, known.get().period().id());
            ReadOnlyKeyValueStore<String, PeriodTotals> totals = open(LedgerStores.TOTALS, partition);
            sums = Optional.ofNullable(totals.get(prefix));
            this.<QuotaAccount>each(LedgerStores.ACCOUNTS, partition, prefix, (key, account) -> accounts.add(account));
        }
        return answer(view(QuotaSummary.of(policy(tenantId), known, sums, accounts, now)));
    }

    @Override
    public Answer<List<QuotaEvent>> quotaHistory(String tenantId, int limit) {
        List<QuotaEvent> events = new ArrayList<>();
        this.<QuotaAudit>each(LedgerStores.AUDITS, partitionOf(tenantId), LedgerStores.prefix(tenantId),
                (key, audit) -> events.add(view(audit)));
        Collections.reverse(events);
        return answer(events.stream().limit(limit).toList());
    }

    private Optional<TenantRecord> record(String tenantId) {
        ReadOnlyKeyValueStore<String, TenantRecord> store = open(LedgerStores.TENANTS, partitionOf(tenantId));
        return Optional.ofNullable(store.get(tenantId)).filter(StoredTenantQueries::isThere);
    }

    private QuotaPolicy policy(String tenantId) {
        ReadOnlyKeyValueStore<String, QuotaPolicy> store = open(LedgerStores.POLICIES, partitionOf(tenantId));
        QuotaPolicy own = store.get(tenantId);
        return own == null ? QuotaPolicy.newBuilder(defaultPolicy).setPolicyEpoch(0L).build() : own;
    }

    private <V> ReadOnlyKeyValueStore<String, V> open(String name, int partition) {
        try {
            ReadOnlyKeyValueStore<String, String> marker = stores.open(LedgerStores.MARKER, partition);
            if (marker.get(LedgerStores.REBUILT) == null) {
                throw unavailable("the ledger of partition " + partition + " is being rebuilt");
            }
            return stores.open(name, partition);
        } catch (InvalidStateStoreException | IllegalStateException e) {
            throw unavailable("the ledger of partition " + partition + " is not here now");
        }
    }

    private <V> void each(String name, int partition, String prefix, BiConsumer<String, V> visitor) {
        ReadOnlyKeyValueStore<String, V> store = open(name, partition);
        try (KeyValueIterator<String, V> found = store.prefixScan(prefix, new StringSerializer())) {
            while (found.hasNext()) {
                KeyValue<String, V> entry = found.next();
                visitor.accept(entry.key, entry.value);
            }
        } catch (InvalidStateStoreException e) {
            throw unavailable("the ledger of partition " + partition + " is not here now");
        }
    }

    /** Kafka's partitioner over the tenant id, as every writer of a tenant's records uses it. */
    private int partitionOf(String tenantId) {
        return Utils.toPositive(Utils.murmur2(tenantId.getBytes(StandardCharsets.UTF_8))) % partitions();
    }

    private int partitions() {
        int known = partitions.getAsInt();
        if (known == 0) {
            throw unavailable("the ledger waits for Kafka");
        }
        return known;
    }

    private <T> Answer<T> answer(T value) {
        return new Answer<>(value, freshness.get());
    }

    /** A store that was opened a moment ago may be closed or moved while it is read. */
    private static <T> T whileHere(Supplier<T> question) {
        try {
            return question.get();
        } catch (InvalidStateStoreException e) {
            throw unavailable("the ledger is moving or being restored");
        }
    }

    private static StoreUnavailable unavailable(String message) {
        return new StoreUnavailable(message, RETRY_AFTER);
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
                optional(policy.getRateBitsPerSecond()),
                optional(policy.getMaxAllocations()), optional(policy.getMaxAllocationsPerUser()),
                policy.getOnControlLoss(), policy.getWarnPercents(), policy.getTailPercent(), updatedAt);
    }

    private static QuotaStatus view(QuotaSummary summary) {
        return new QuotaStatus(summary.policyEpoch(), summary.mode(), summary.state(), summary.limitBytes(),
                summary.usedBytes(), summary.grantedBytes(), summary.remainingBytes(), summary.uncertainBytes(),
                summary.overshootBoundBytes(), summary.feedbackOvershootBytes(), summary.arming(),
                summary.period().id(), summary.period().start(), summary.period().end());
    }

    private static QuotaEvent view(QuotaAudit audit) {
        OptionalLong limit = audit.getLimitBytes() == 0 ? OptionalLong.empty() : OptionalLong.of(audit.getLimitBytes());
        return new QuotaEvent(audit.getOccurredAt(), audit.getKind(), audit.getActor(), audit.getVersion(),
                audit.getFromState(), audit.getToState(), audit.getPeriodId(), audit.getUsedBytes(), limit,
                audit.getReason());
    }

    private static OptionalLong optional(Long value) {
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    private static OptionalInt optional(Integer value) {
        return value == null ? OptionalInt.empty() : OptionalInt.of(value);
    }
}
