package io.turnpike.telemetry.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnpike.contract.Topic;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.DeleteTenant;
import io.turnpike.control.v1.PutQuota;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.control.v1.RevokeCredential;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.telemetry.cluster.HerePartitions;
import io.turnpike.telemetry.ledger.ControlHistory.Decided;
import io.turnpike.telemetry.store.LedgerStores;
import io.turnpike.telemetry.topology.LedgerDriver;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StoredTenantQueriesTest {
    private static final Instant NOW = LedgerDriver.START;

    private final LedgerDriver ledger = new LedgerDriver(partition -> Decided.NOTHING);
    private Instant now = NOW;
    private boolean away;

    @AfterEach
    void close() {
        ledger.close();
    }

    private StoredTenantQueries queries() {
        return queries(new PartitionStores() {
            @Override
            public <K, V> ReadOnlyKeyValueStore<K, V> open(String store) {
                if (away) {
                    throw new InvalidStateStoreException("moving");
                }
                return ledger.driver.getKeyValueStore(store);
            }
        });
    }

    private StoredTenantQueries queries(PartitionStores stores) {
        return new StoredTenantQueries(new HerePartitions(1, partition -> stores), LedgerDriver.OFF,
                Clock.fixed(now, ZoneOffset.UTC));
    }

    @Test
    void showsATenantWithoutItsSecretsAndNotOnceItIsDeleted() {
        ledger.submit(LedgerDriver.putTenant());
        assertThat(queries().tenant("acme").value().orElseThrow().displayName()).isEqualTo("Acme");
        assertThat(queries().tenants(10, Optional.empty()).value().tenants()).extracting(Tenant::id)
                .containsExactly("acme");
        ledger.submit(new DeleteTenant());
        assertThat(queries().tenant("acme").value()).isEmpty();
        assertThat(queries().tenants(10, Optional.empty()).value().tenants()).isEmpty();
        assertThat(queries().sealedSecrets("acme").value()).isEmpty();
    }

    @Test
    void saysWhenAUsersCredentialsWereRevoked() {
        ledger.submit(LedgerDriver.putTenant());
        assertThat(queries().revokedAt("acme", "al").value()).isEmpty();
        ledger.submit(new RevokeCredential("al"));
        assertThat(queries().revokedAt("acme", "al").value()).isPresent();
        assertThat(queries().revokedAt("acme", "bo").value()).isEmpty();
    }

    @Test
    void aTenantWithoutAPolicyFollowsTheDefaultOne() {
        ledger.submit(LedgerDriver.putTenant());
        Quota quota = queries().quota("acme").value();
        assertThat(quota.isDefault()).isTrue();
        assertThat(quota.mode()).isEqualTo(QuotaMode.OFF);
        assertThat(quota.updatedAt()).isEmpty();
        QuotaStatus status = queries().quotaStatus("acme").value();
        assertThat(status.state()).isEqualTo(QuotaState.OPEN);
        assertThat(status.remainingBytes()).isEmpty();
        assertThat(status.periodStart()).isEqualTo("2026-11-01T00:00:00Z");
        assertThat(status.periodEnd()).isEqualTo("2026-12-01T00:00:00Z");
    }

    @Test
    void showsWhereAHardQuotaStands() {
        ledger.submit(LedgerDriver.putTenant());
        ledger.submit(LedgerDriver.hard(20_000));
        ledger.report(1, "", 0, 0, 0, 1);
        ledger.report(1, "2026-11", 1, 16_384, 16_384, 1);
        ledger.report(1, "2026-11", 2, 20_000, 20_000, 1);
        now = NOW.plus(Duration.ofSeconds(6));
        QuotaStatus status = queries().quotaStatus("acme").value();
        assertThat(status.state()).isEqualTo(QuotaState.EXHAUSTED);
        assertThat(status.usedBytes()).isEqualTo(20_000);
        assertThat(status.grantedBytes()).isEqualTo(20_000);
        assertThat(status.remainingBytes()).hasValue(0);
        assertThat(status.overshootBoundBytes()).hasValue(0);
        assertThat(status.arming()).isFalse();
        assertThat(status.policyEpoch()).isEqualTo(1);
        assertThat(queries().quotaHistory("acme", 2).value()).extracting(QuotaEvent::kind)
                .as("newest first").containsExactly(AuditKind.STATE_CHANGED, AuditKind.STATE_CHANGED);
        assertThat(queries().quotaHistory("acme", 100).value()).last()
                .satisfies(event -> assertThat(event.kind()).isEqualTo(AuditKind.COMMAND_APPLIED));
    }

    @Test
    void showsWhatBecameOfUsersApartFromWhatBecameOfTheTenant() {
        ledger.submit(LedgerDriver.putTenant());
        ledger.submit(new PutQuota(QuotaPolicy.newBuilder(LedgerDriver.policy(QuotaMode.SHADOW, null))
                .setUserVolumeBytes(1_000L).build()));
        ledger.pipe(Topic.TENANT_USAGE, "acme", spent("al", 1_000));
        ledger.pipe(Topic.TENANT_USAGE, "acme", spent("bo", 2_000));

        assertThat(queries().quotaHistory("acme", 100).value()).extracting(QuotaEvent::userId).containsOnly("");
        assertThat(queries().usersQuotaHistory("acme", Optional.empty(), 100).value()).extracting(QuotaEvent::userId)
                .as("newest first").startsWith("bo").endsWith("al").containsOnly("al", "bo");
        assertThat(queries().usersQuotaHistory("acme", Optional.of("al"), 1).value()).singleElement()
                .satisfies(event -> {
                    assertThat(event.userId()).isEqualTo("al");
                    assertThat(event.toState()).isEqualTo(QuotaState.EXHAUSTED);
                    assertThat(event.usedBytes()).hasValue(1_000);
                });
        assertThat(queries().usersQuotaHistory("acme", Optional.of("cy"), 1).value()).isEmpty();
    }

    /** What a process says of a user before anything was granted. */
    private static TenantNodeUsage spent(String user, long bytes) {
        TenantNodeUsage report = LedgerDriver.report(7, 1, "2026-11", 0, 0, bytes, 0);
        report.getHeader().setUserId(user);
        report.getAccounts().get(0).setUserId(user);
        report.getAccounts().get(0).setOpening(1L);
        return report;
    }

    @Test
    void aNewPeriodShowsFromItsFirstInstantThoughTheLedgerHasNotRolled() {
        ledger.submit(LedgerDriver.putTenant());
        ledger.submit(LedgerDriver.hard(20_000));
        ledger.report(1, "", 0, 0, 0, 1);
        now = Instant.parse("2026-12-01T00:00:00Z");
        QuotaStatus status = queries().quotaStatus("acme").value();
        assertThat(status.periodId()).isEqualTo("2026-12");
        assertThat(status.usedBytes()).isZero();
        assertThat(status.remainingBytes()).hasValue(20_000);
    }

    @Test
    void aStoreThatIsAwayOrNotYetRebuiltIsUnavailableAndNotEmpty() {
        assertThatThrownBy(() -> queries().tenant("acme")).isInstanceOf(StoreUnavailable.class)
                .hasMessageContaining("being rebuilt");
        ledger.submit(LedgerDriver.putTenant());
        away = true;
        assertThatThrownBy(() -> queries().tenant("acme")).isInstanceOf(StoreUnavailable.class);
        assertThatThrownBy(() -> queries().tenants(10, Optional.empty())).isInstanceOf(StoreUnavailable.class);
        assertThatThrownBy(() -> queries().quotaStatus("acme")).isInstanceOf(StoreUnavailable.class);
    }

    @Test
    void aStoreThatIsTakenAwayWhileItIsReadIsUnavailableAndNotAFailure() {
        ledger.submit(LedgerDriver.putTenant());
        StoredTenantQueries queries = queries(new PartitionStores() {
            @Override
            public <K, V> ReadOnlyKeyValueStore<K, V> open(String store) {
                return store.equals(LedgerStores.MARKER)
                        ? ledger.driver.getKeyValueStore(store)
                        : new TakenAway<>();
            }
        });
        assertThatThrownBy(() -> queries.tenant("acme")).isInstanceOf(StoreUnavailable.class);
        assertThatThrownBy(() -> queries.sealedSecrets("acme")).isInstanceOf(StoreUnavailable.class);
        assertThatThrownBy(() -> queries.quota("acme")).isInstanceOf(StoreUnavailable.class);
        assertThatThrownBy(() -> queries.quotaStatus("acme")).isInstanceOf(StoreUnavailable.class);
        assertThatThrownBy(() -> queries.tenants(10, Optional.empty())).isInstanceOf(StoreUnavailable.class);
    }

    /** A store that was closed after it was opened. */
    private record TakenAway<K, V>() implements ReadOnlyKeyValueStore<K, V> {
        @Override
        public V get(K key) {
            throw new InvalidStateStoreException("closed");
        }

        @Override
        public KeyValueIterator<K, V> range(K from, K to) {
            throw new InvalidStateStoreException("closed");
        }

        @Override
        public KeyValueIterator<K, V> all() {
            throw new InvalidStateStoreException("closed");
        }

        @Override
        public long approximateNumEntries() {
            throw new InvalidStateStoreException("closed");
        }
    }
}
