package io.turnpike.telemetry.topology;

import static io.turnpike.telemetry.topology.LedgerDriver.START;
import static io.turnpike.telemetry.topology.LedgerDriver.hard;
import static io.turnpike.telemetry.topology.LedgerDriver.putTenant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import io.turnpike.control.v1.WebhookStatus;
import io.turnpike.control.v1.WebhookSecret;
import io.turnpike.control.v1.WebhookCommand;
import io.turnpike.control.v1.WebhookAction;
import io.turnpike.control.v1.Webhook;
import io.turnpike.control.v1.DeleteTenant;
import io.turnpike.control.v1.CommandRefusal;
import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.control.v1.Revocation;
import io.turnpike.control.v1.RevokeCredential;
import io.turnpike.control.v1.TenantRecord;
import io.turnpike.control.v1.TenantStatus;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.telemetry.ops.PoisonRecord;
import io.turnpike.telemetry.ledger.ControlHistory;
import io.turnpike.telemetry.ledger.ControlHistory.Decided;
import io.turnpike.telemetry.store.LedgerStores;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

class LedgerTopologyTest {
    private static final WebhookSecret WEBHOOK_SECRET = new WebhookSecret("k1", ByteBuffer.wrap(new byte[60]));
    private static final ControlHistory NEW_CLUSTER = partition -> Decided.NOTHING;
    private static final long MIB = 1024 * 1024;

    private static QuotaGrant grant(long seq, long bytes, long drawn) {
        return grant(seq, bytes, drawn, "r1");
    }

    static QuotaGrant grant(long seq, long bytes, long drawn, String nodeId) {
        return QuotaGrant.newBuilder().setTenantId("acme").setPeriodId("2026-11")
                .setPeriodStart(START.minus(Duration.ofDays(21))).setPeriodEnd(START.plus(Duration.ofDays(9)))
                .setNodeId(nodeId).setNodeEpoch(1).setProcessNonce(7).setPolicyEpoch(1).setMode(QuotaMode.HARD)
                .setGrantSeq(seq).setGrantBytes(bytes).setDrawnBytes(drawn).setSpentBytes(drawn)
                .setState(QuotaState.OPEN).setAnsweredReportMonotonicNanos(0).setLeaseMillis(300_000)
                .setIssuedAt(START).build();
    }

    private static Decided history(QuotaGrant... grants) {
        TenantRecord tenant = TenantRecord.newBuilder().setTenantId("acme").setVersion(4).setDisplayName("Acme")
                .setStatus(TenantStatus.ACTIVE).setSecrets(List.of()).setUpdatedAt(START).build();
        QuotaPolicy policy = QuotaPolicy.newBuilder(LedgerDriver.policy(QuotaMode.HARD, 5 * MIB)).setPolicyEpoch(1)
                .build();
        return new Decided(List.of(tenant), List.of(policy), List.of(grants),
                List.of(new Revocation("acme", "al", START, START.plus(Duration.ofDays(30)))), List.of(), List.of());
    }

    @Test
    void aCommandIsAnsweredAndWrittenUnderTheTenantsKey() {
        try (LedgerDriver ledger = new LedgerDriver(NEW_CLUSTER)) {
            String created = ledger.submit(putTenant());
            String limited = ledger.submit(hard(5 * MIB));
            ledger.submit(new RevokeCredential("al"));
            assertThat(ledger.read(Topic.TENANT, TenantRecord.class)).singleElement()
                    .satisfies(record -> assertThat(record.key()).isEqualTo("acme"));
            assertThat(ledger.read(Topic.QUOTA_POLICY, QuotaPolicy.class)).singleElement()
                    .satisfies(record -> assertThat(record.value().getPolicyEpoch()).isEqualTo(1));
            assertThat(ledger.read(Topic.REVOCATION, Revocation.class)).singleElement()
                    .satisfies(record -> assertThat(record.key()).isEqualTo("acme|al"));
            assertThat(ledger.read(Topic.QUOTA_AUDIT, QuotaAudit.class)).extracting(TestRecord::value)
                    .allMatch(audit -> audit.getKind() == AuditKind.COMMAND_APPLIED)
                    .extracting(QuotaAudit::getCommandId).contains(created, limited);
        }
    }

    @Test
    void aWebhookIsWrittenUnderTenantAndNameAndGoesWithItsTenant() {
        try (LedgerDriver ledger = new LedgerDriver(NEW_CLUSTER)) {
            ledger.submit(putTenant());
            for (String name : List.of("a", "b")) {
                ledger.pipe(Topic.COMMAND, "acme", webhook(name, WebhookAction.PUT));
            }
            assertThat(ledger.read(Topic.WEBHOOK, Webhook.class)).extracting(TestRecord::key)
                    .containsExactly("acme|a", "acme|b");

            ledger.pipe(Topic.COMMAND, "acme", webhook("a", WebhookAction.DELETE));
            ledger.submit(new DeleteTenant());
            assertThat(ledger.read(Topic.WEBHOOK, Webhook.class)).allMatch(record -> record.value() == null)
                    .extracting(TestRecord::key).containsExactly("acme|a", "acme|b");

            ledger.submit(putTenant());
            ledger.pipe(Topic.COMMAND, "acme", webhook("b", WebhookAction.TEST));
            assertThat(ledger.read(Topic.QUOTA_AUDIT, QuotaAudit.class)).last()
                    .satisfies(record -> assertThat(record.value().getRefusal()).isEqualTo(CommandRefusal.NOT_FOUND));
        }
    }

    @Test
    void anEmptyStoreTakesOverWebhooks() {
        Webhook webhook = Webhook.newBuilder().setTenantId("acme").setName("a").setVersion(7)
                .setUrl("https://hooks.example.org/").setSecrets(List.of(WEBHOOK_SECRET))
                .setStatus(WebhookStatus.ENABLED).setEnabledAt(START).setUpdatedAt(START).build();
        ControlHistory.Decided before = history(grant(1, 1, 1));
        ControlHistory history = partition -> new ControlHistory.Decided(before.tenants(), before.policies(),
                before.grants(), before.revocations(), List.of(webhook), List.of());
        try (LedgerDriver ledger = new LedgerDriver(history)) {
            ledger.pipe(Topic.COMMAND, "acme", WebhookCommand.newBuilder(webhook("a", WebhookAction.PUT))
                    .setIfMatch(7L).setSecrets(null).build());

            assertThat(ledger.read(Topic.WEBHOOK, Webhook.class)).singleElement().satisfies(
                    record -> assertThat(record.value().getSecrets()).containsExactly(WEBHOOK_SECRET));
        }
    }

    private static WebhookCommand webhook(String name, WebhookAction action) {
        return WebhookCommand.newBuilder().setCommandId(name + action).setTenantId("acme").setName(name)
                .setActor("ops").setIssuedAt(START).setAction(action).setUrl("https://hooks.example.org/")
                .setSecrets(List.of(WEBHOOK_SECRET)).build();
    }

    @Test
    void aReportIsAnsweredUnderTheAccountsKey() {
        try (LedgerDriver ledger = new LedgerDriver(NEW_CLUSTER)) {
            ledger.submit(putTenant());
            ledger.submit(hard(5 * MIB));
            ledger.report(1, "", 0, 0, 0, 1);
            assertThat(ledger.read(Topic.QUOTA_GRANT, QuotaGrant.class)).singleElement().satisfies(record -> {
                assertThat(record.key()).isEqualTo("acme|2026-11|r1|1|7|");
                assertThat(record.value().getGrantBytes()).isEqualTo(16 * 1024);
            });
        }
    }

    @Test
    void aRaisedQuotaIsGrantedInTheCommandsOwnTransaction() {
        try (LedgerDriver ledger = new LedgerDriver(NEW_CLUSTER)) {
            ledger.submit(putTenant());
            ledger.submit(hard(16 * 1024));
            ledger.report(1, "", 0, 0, 0, 1);
            ledger.report(1, "2026-11", 1, 16 * 1024, 16 * 1024, 1);
            assertThat(ledger.read(Topic.QUOTA_GRANT, QuotaGrant.class)).last()
                    .satisfies(record -> assertThat(record.value().getState()).isEqualTo(QuotaState.EXHAUSTED));
            ledger.submit(hard(5 * MIB));
            assertThat(ledger.read(Topic.QUOTA_GRANT, QuotaGrant.class)).singleElement()
                    .satisfies(record -> assertThat(record.value().getGrantBytes()).isEqualTo(32 * 1024));
        }
    }

    @Test
    void anEmptyStoreTakesOverWhatWasDecidedBeforeItsFirstDecision() {
        AtomicInteger reads = new AtomicInteger();
        ControlHistory counted = partition -> {
            reads.incrementAndGet();
            return history(grant(9, 5 * MIB - 10_000, 3 * MIB));
        };
        try (LedgerDriver ledger = new LedgerDriver(counted)) {
            ledger.report(1, "2026-11", 9, 5 * MIB - 10_000, 5 * MIB - 10_000, 1);
            assertThat(ledger.read(Topic.QUOTA_GRANT, QuotaGrant.class)).singleElement().satisfies(record -> {
                assertThat(record.value().getGrantSeq()).isEqualTo(10);
                assertThat(record.value().getGrantBytes()).as("no more than the volume").isEqualTo(5 * MIB);
            });
            ledger.driver.advanceWallClockTime(Duration.ofSeconds(5));
            String again = ledger.submit(putTenant());
            assertThat(ledger.read(Topic.QUOTA_AUDIT, QuotaAudit.class)).extracting(TestRecord::value)
                    .filteredOn(audit -> audit.getCommandId().equals(again)).singleElement()
                    .satisfies(audit -> assertThat(audit.getVersion()).as("versions go on").isEqualTo(5));
            assertThat(reads).as("once").hasValue(1);
        }
    }

    @Test
    void aTickAloneTakesOverSoThatQueriesNeedNoTraffic() {
        try (LedgerDriver ledger = new LedgerDriver(partition -> history())) {
            ledger.driver.advanceWallClockTime(Duration.ofSeconds(1));
            assertThat(ledger.driver.<String, String>getKeyValueStore(LedgerStores.MARKER).get(LedgerStores.REBUILT))
                    .isNotNull();
            assertThat(ledger.driver.<String, TenantRecord>getKeyValueStore(LedgerStores.TENANTS).get("acme"))
                    .isNotNull();
            assertThat(ledger.driver.<String, Revocation>getKeyValueStore(LedgerStores.REVOCATIONS)
                    .get(LedgerStores.user("acme", "al"))).isNotNull();
        }
    }

    @Test
    void decidesNothingWhileTheHistoryCannotBeRead() {
        ControlHistory broken = partition -> {
            throw new IllegalStateException("control topics could not be read whole");
        };
        try (LedgerDriver ledger = new LedgerDriver(broken)) {
            assertThatThrownBy(() -> ledger.report(0, "", 0, 0, 0, 1)).hasStackTraceContaining("could not be read");
            assertThat(ledger.read(Topic.QUOTA_GRANT, QuotaGrant.class)).isEmpty();
            assertThat(ledger.driver.<String, String>getKeyValueStore(LedgerStores.MARKER).get(LedgerStores.REBUILT))
                    .isNull();
        }
    }

    @Test
    void theWallClockRollsThePeriodWithoutTraffic() {
        try (LedgerDriver ledger = new LedgerDriver(NEW_CLUSTER)) {
            ledger.submit(putTenant());
            ledger.submit(hard(5 * MIB));
            ledger.driver.advanceWallClockTime(Duration.ofDays(9));
            assertThat(ledger.read(Topic.QUOTA_AUDIT, QuotaAudit.class)).extracting(TestRecord::value)
                    .anyMatch(audit -> audit.getKind() == AuditKind.PERIOD_ROLLED
                            && audit.getPeriodId().equals("2026-11"));
            assertThat(ledger.read(Topic.QUOTA_GRANT, QuotaGrant.class)).as("a tick never grants").isEmpty();
        }
    }

    @Test
    void theHistoryOfATenantIsBounded() {
        try (LedgerDriver ledger = new LedgerDriver(NEW_CLUSTER)) {
            for (int i = 0; i < LedgerStores.AUDITS_PER_TENANT + 30; i++) {
                ledger.submit(putTenant());
            }
            int kept = 0;
            long newest = 0;
            try (KeyValueIterator<String, QuotaAudit> all = ledger.driver
                    .<String, QuotaAudit>getKeyValueStore(LedgerStores.AUDITS).all()) {
                while (all.hasNext()) {
                    kept++;
                    newest = all.next().value.getVersion();
                }
            }
            assertThat(kept).isEqualTo(LedgerStores.AUDITS_PER_TENANT);
            assertThat(newest).isEqualTo(LedgerStores.AUDITS_PER_TENANT + 30);
        }
    }

    @Test
    void whatHasMoreInItsKeyGoesWhereKafkaPutsTheTenant() {
        TenantPartitioner partitioner = new TenantPartitioner();
        for (int tenant = 0; tenant < 100; tenant++) {
            String id = "tenant-" + tenant;
            int expected = BuiltInPartitioner.partitionForKey(id.getBytes(StandardCharsets.UTF_8), 12);
            QuotaGrant grant = QuotaGrant.newBuilder(grant(1, 1, 1)).setTenantId(id).build();
            Revocation revocation = new Revocation(id, "al", START, START);
            String account = new QuotaAccountKey(id, "2026-11", "r1", 1, 9, "al").text();
            String user = LedgerStores.user(id, "al|bo");
            assertThat(partitioner.partitions("t", account, grant, 12)).isEqualTo(Optional.of(Set.of(expected)));
            assertThat(partitioner.partitions("t", user, revocation, 12)).isEqualTo(Optional.of(Set.of(expected)));
            assertThat(partitioner.partitions("t", user, null, 12)).isEqualTo(Optional.of(Set.of(expected)));
        }
    }

    @Test
    void aReportUnderAnotherTenantsKeyMakesNoSecondLedger() {
        try (LedgerDriver ledger = new LedgerDriver(NEW_CLUSTER)) {
            ledger.submit(putTenant());
            ledger.submit(hard(5 * MIB));
            TenantNodeUsage report = LedgerDriver.report(0, 1, "", 0, 0, 0, 1);
            assertThatThrownBy(() -> ledger.pipe(Topic.TENANT_USAGE, "other", report))
                    .hasRootCauseInstanceOf(PoisonRecord.class);
            assertThat(ledger.read(Topic.QUOTA_GRANT, QuotaGrant.class)).isEmpty();
        }
    }

    @Test
    void aNodeWhoseNameWouldBreakTheKeyOfItsAccountIsPutAside() {
        try (LedgerDriver ledger = new LedgerDriver(NEW_CLUSTER)) {
            ledger.submit(putTenant());
            ledger.submit(hard(5 * MIB));
            for (String nodeId : List.of("a|b", "", "n".repeat(70_000), "n\u0000")) {
                TenantNodeUsage report = LedgerDriver.report(0, 1, "", 0, 0, 0, 1);
                report.getHeader().setNodeId(nodeId);
                assertThatThrownBy(() -> ledger.pipe(Topic.TENANT_USAGE, "acme", report))
                        .hasRootCauseInstanceOf(PoisonRecord.class);
            }
            ledger.report(1, "", 0, 0, 0, 1);
            assertThat(ledger.read(Topic.QUOTA_GRANT, QuotaGrant.class)).hasSize(1);
        }
    }

    @Test
    void aCommandThatNobodyCanBeAnsweredForIsPutAside() {
        try (LedgerDriver ledger = new LedgerDriver(NEW_CLUSTER)) {
            TenantCommand oversized = LedgerDriver.command(putTenant());
            oversized.setCommandId("c".repeat(65));
            TenantCommand foreign = LedgerDriver.command(putTenant());
            foreign.setTenantId("acme|2026");
            assertThatThrownBy(() -> ledger.pipe(Topic.COMMAND, "acme", oversized))
                    .hasRootCauseInstanceOf(PoisonRecord.class);
            assertThatThrownBy(() -> ledger.pipe(Topic.COMMAND, "acme|2026", foreign))
                    .hasRootCauseInstanceOf(PoisonRecord.class);
            assertThatThrownBy(() -> ledger.pipe(Topic.COMMAND, "acme", null))
                    .hasRootCauseInstanceOf(PoisonRecord.class);
            assertThat(ledger.read(Topic.QUOTA_AUDIT, QuotaAudit.class)).isEmpty();
        }
    }
}
