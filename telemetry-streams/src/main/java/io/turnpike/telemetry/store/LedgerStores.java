package io.turnpike.telemetry.store;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.contract.UserKey;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.Revocation;
import io.turnpike.control.v1.TenantRecord;
import io.turnpike.control.v1.Webhook;
import io.turnpike.telemetry.ledger.PeriodTotals;
import io.turnpike.telemetry.ledger.QuotaAccount;
import io.turnpike.telemetry.ledger.QuotaScope;
import io.turnpike.telemetry.ledger.QuotaStanding;
import io.turnpike.telemetry.ledger.share.Share;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The stores of the ledger's task, each once. All are small, in memory, with a compacted changelog; keys are text that
 * begins with the tenant id, which holds no {@code |}, so that a tenant is one range.
 */
public final class LedgerStores {
    /** Tenants, deleted ones included, so that versions go on. Key: tenant. Kept for ever. */
    public static final String TENANTS = "ledger-tenants";
    /** Quota policies. Key: tenant. Kept for ever. */
    public static final String POLICIES = "ledger-policies";
    /** Where each quota stands. Key: {@code QuotaScope}. Kept for ever, users' as long as their accounts. */
    public static final String QUOTAS = "ledger-quotas";
    /** Quota accounts. Key: {@link #account}. Kept until one period length after their period. */
    public static final String ACCOUNTS = "ledger-accounts";
    /** Sums over the accounts of a period. Key: scope, period. Kept as long as the accounts. */
    public static final String TOTALS = "ledger-totals";
    /**
     * The newest {@value #AUDITS_PER_TENANT} audits of each tenant, and the newest {@value #USER_AUDITS_PER_TENANT} of its users.
     * Key: {@link #prefix(String)} or {@link #usersAudits}, microseconds, number.
     */
    public static final String AUDITS = "ledger-audits";
    /** The newest revocation of each user. Key: tenant, user. Kept for ever, like the topic's. */
    public static final String REVOCATIONS = "ledger-revocations";
    /** Webhooks. Key: tenant, name. Kept until they are removed. */
    public static final String WEBHOOKS = "ledger-webhooks";
    /** Leased shares. Key: {@code QuotaShareKey}. Kept until the process gives them up or its lease is over. */
    public static final String SHARES = "ledger-shares";
    /** Holds {@link #REBUILT} once the task knows all that was decided before; without it nothing is decided. */
    public static final String MARKER = "ledger-marker";

    /** The one key of {@link #MARKER}. */
    public static final String REBUILT = "rebuilt";
    /** Audits kept of each tenant for its history, and to know a repeated command. */
    public static final int AUDITS_PER_TENANT = 200;
    /** Audits kept of all users of a tenant together. */
    public static final int USER_AUDITS_PER_TENANT = 2_000;

    private static final Map<String, String> CHANGELOG = Map.of(TopicConfig.CLEANUP_POLICY_CONFIG,
            TopicConfig.CLEANUP_POLICY_COMPACT);

    private static final StringSerializer KEYS = new StringSerializer();

    private LedgerStores() {}

    /** All of them, new. */
    public static List<StoreBuilder<?>> builders() {
        return List.of(store(TENANTS, RecordSerde.of(TenantRecord.class)),
                store(POLICIES, RecordSerde.of(QuotaPolicy.class)),
                store(QUOTAS, serde(QuotaStanding::toBytes, QuotaStanding::fromBytes)),
                store(ACCOUNTS, serde(QuotaAccount::toBytes, QuotaAccount::fromBytes)),
                store(TOTALS, serde(PeriodTotals::toBytes, PeriodTotals::fromBytes)),
                store(SHARES, serde(Share::toBytes, Share::fromBytes)),
                store(AUDITS, RecordSerde.of(QuotaAudit.class)),
                store(REVOCATIONS, RecordSerde.of(Revocation.class)), store(WEBHOOKS, RecordSerde.of(Webhook.class)),
                store(MARKER, Serdes.String()));
    }

    /** Start of the keys that belong to a tenant and nobody else. */
    public static String prefix(String tenantId) {
        return tenantId + '|';
    }

    /** Start of the keys of audits of the tenant's users. */
    public static String usersAudits(String tenantId) {
        return tenantId + "/|";
    }

    /** The tenant of a key that holds more than the tenant. */
    public static String tenantOf(String key) {
        return key.substring(0, key.indexOf('|'));
    }

    /** Key of a user. */
    public static String user(String tenantId, String userId) {
        return new UserKey(tenantId, userId).text();
    }

    /** Start of the keys that belong to the period of a tenant's or user's quota, and the key of its sums. */
    public static String prefix(QuotaScope scope, String periodId) {
        return prefix(scope.text()) + periodId + '|';
    }

    /** Key of an account: its scope first, so that the accounts of one user are one range. */
    public static String account(QuotaAccountKey key) {
        return prefix(QuotaScope.of(key), key.periodId()) + key.nodeId() + '|' + key.nodeEpoch() + '|'
                + Long.toHexString(key.processNonce()) + '|';
    }

    /**
     * Hands each entry whose key begins with the prefix to the visitor, in the order of keys. What another thread deletes
     * meanwhile may be passed over.
     */
    public static <V> void each(ReadOnlyKeyValueStore<String, V> store, String prefix, BiConsumer<String, V> visitor) {
        try (KeyValueIterator<String, V> found = store.prefixScan(prefix, KEYS)) {
            while (found.hasNext()) {
                KeyValue<String, V> entry = found.next();
                if (entry.value != null) { // deleted after its key was found
                    visitor.accept(entry.key, entry.value);
                }
            }
        }
    }

    private static <V> StoreBuilder<KeyValueStore<String, V>> store(String name, Serde<V> values) {
        return Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), Serdes.String(), values)
                .withCachingDisabled().withLoggingEnabled(CHANGELOG);
    }

    private static <V> Serde<V> serde(Function<V, byte[]> writer, Function<byte[], V> reader) {
        return Serdes.serdeFrom((topic, value) -> value == null ? null : writer.apply(value),
                (topic, bytes) -> bytes == null ? null : reader.apply(bytes));
    }
}
