package io.turnpike.node.kafka;

import static io.turnpike.node.kafka.ControlStateTest.policy;
import static io.turnpike.node.kafka.ControlStateTest.tenant;
import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.SecretSeal;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.control.v1.TenantStatus;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.node.auth.TenantDirectory;
import io.turnpike.node.config.RelayConfig.KafkaConfig;
import io.turnpike.node.event.EventBuffer;
import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.quota.Admission;
import io.turnpike.node.quota.Ladder;
import io.turnpike.node.quota.QuotaPolicy;
import io.turnpike.node.quota.QuotaReporter;
import io.turnpike.node.quota.QuotaSettings;
import io.turnpike.node.quota.QuotaTable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Control records through Kafka's own broker: they arrive, aborted ones do not, and the snapshot holds without Kafka. */
class ControlIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final SecretSeal seal = SecretSeal.withKey(SecretSeal.newKey());
    private final TenantDirectory tenants = new TenantDirectory(List.of());
    private final EventBuffer buffer = new EventBuffer(1024);
    private final NodeIdentity node = new NodeIdentity("n1", 7, 99);
    private final QuotaTable quotas = new QuotaTable(node,
            new QuotaSettings(QuotaPolicy.OFF, 1, LONG, Duration.ofMillis(200), Duration.ofSeconds(10),
                    Ladder.STANDARD),
            System::nanoTime, Clock.systemUTC(), buffer);

    @TempDir
    Path brokerDir;
    @TempDir
    Path nodeDir;

    private EmbeddedKafka kafka;
    private ExecutorService loop;

    @BeforeEach
    void startBroker() throws Exception {
        kafka = new EmbeddedKafka(brokerDir);
        kafka.start();
        loop = Executors.newSingleThreadExecutor();
    }

    @AfterEach
    void stopBroker() {
        loop.shutdownNow();
        kafka.close();
    }

    @Test
    void followsTenantsAndServesThoseOfTheSnapshotWithoutKafka() throws Exception {
        try (KafkaLink link = link(tenants, quotas)) {
            await().atMost(LONG).until(link::isControlCaughtUp);
            try (KafkaProducer<byte[], byte[]> producer = producer(Map.of())) {
                send(producer, Topic.TENANT, "acme", tenant("acme", TenantStatus.ACTIVE, seal));
                send(producer, Topic.TENANT, "gone", tenant("gone", TenantStatus.ACTIVE, seal));
                await().atMost(LONG).until(() -> tenants.find("acme").isPresent() && tenants.find("gone").isPresent());
                send(producer, Topic.TENANT, "gone", null);
                await().atMost(LONG).until(() -> tenants.find("gone").isEmpty());
                send(producer, Topic.TENANT, "poison", new byte[]{1});
                await().atMost(LONG).until(() -> link.poisonRecords() == 1);
            }
        }
        kafka.stop();
        TenantDirectory later = new TenantDirectory(List.of());
        try (KafkaLink link = link(later, quotas)) {
            assertThat(later.find("acme")).isPresent();
            assertThat(later.find("gone")).isEmpty();
            assertThat(link.isControlCaughtUp()).isFalse();
        }
    }

    @Test
    void asksTheLedgerAndSpendsOnlyCommittedGrants() throws Exception {
        QuotaReporter reporter = new QuotaReporter(quotas, () -> Duration.ZERO);
        try (KafkaLink link = link(tenants, quotas)) {
            reporter.start();
            await().atMost(LONG).until(link::isControlCaughtUp);
            try (KafkaProducer<byte[], byte[]> producer = producer(Map.of("transactional.id", "ledger"));
                    Received received = new Received(kafka.bootstrapServers(),
                            List.of(Topic.TENANT_USAGE.topicName()))) {
                producer.initTransactions();
                producer.beginTransaction();
                send(producer, Topic.QUOTA_POLICY, "acme", policy("acme", QuotaMode.HARD, "UTC"));
                producer.commitTransaction();

                BlockingQueue<Admission> answers = new LinkedBlockingQueue<>();
                await().atMost(LONG).until(() -> {
                    loop.execute(() -> quotas.admit("acme", "al", 0, loop, answers::add));
                    return answers.poll(1, TimeUnit.SECONDS) == null; // until the policy holds, it is admitted at once
                });
                await().atMost(LONG).until(() -> received.poll().all(TenantNodeUsage.class).stream().anyMatch(
                        usage -> usage.getAccounts().stream().anyMatch(account -> account.getWantBytes() > 0)));

                producer.beginTransaction();
                send(producer, Topic.QUOTA_GRANT, grantKey(), grant(1, 50_000));
                producer.abortTransaction();
                producer.beginTransaction();
                send(producer, Topic.QUOTA_GRANT, grantKey(), grant(2, 4_000));
                producer.commitTransaction();

                Admission answer = answers.poll(LONG.toSeconds(), TimeUnit.SECONDS);
                assertThat(answer).isInstanceOf(Admission.Admitted.class);
                boolean enough = loop
                        .submit(() -> ((Admission.Admitted) answer).allowance().debit(4_000, CLIENT_TO_PEER)).get();
                boolean tooMuch = loop.submit(() -> ((Admission.Admitted) answer).allowance().debit(1, CLIENT_TO_PEER))
                        .get();
                assertThat(enough).isTrue();
                assertThat(tooMuch).isFalse();
            }
        } finally {
            reporter.close();
        }
    }

    private String grantKey() {
        return new QuotaAccountKey("acme", "x", "n1", 7, 99, "").text();
    }

    private static byte[] grant(long seq, long bytes) {
        var period = io.turnpike.contract.QuotaPeriod.month(Instant.now(), 0, ZoneOffset.UTC);
        return RecordCodec.encode(QuotaGrant.newBuilder().setTenantId("acme").setPeriodId(period.id())
                .setPeriodStart(period.start()).setPeriodEnd(period.end()).setNodeId("n1").setNodeEpoch(7)
                .setProcessNonce(99).setPolicyEpoch(3).setMode(QuotaMode.HARD).setGrantSeq(seq).setGrantBytes(bytes)
                .setDrawnBytes(0).setSpentBytes(0).setState(QuotaState.OPEN).setAnsweredReportMonotonicNanos(0)
                .setLeaseMillis(300_000).setIssuedAt(SampleEvents.NOW).build());
    }

    private KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
        Map<String, Object> settings = new java.util.HashMap<>(more);
        settings.put("bootstrap.servers", kafka.bootstrapServers());
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static void send(KafkaProducer<byte[], byte[]> producer, Topic topic, String key, byte[] value)
            throws Exception {
        producer.send(new ProducerRecord<>(topic.topicName(), key.getBytes(StandardCharsets.UTF_8), value)).get();
    }

    private KafkaLink link(TenantDirectory directory, QuotaTable table) throws Exception {
        KafkaConfig config = new KafkaConfig(true, kafka.bootstrapServers(), 2, 1, 1024, 1024 * 1024);
        return KafkaLink.start(config, new KafkaLink.Parts(node, nodeDir, seal, buffer, directory, table,
                Clock.systemUTC(), Duration.ofSeconds(71)));
    }
}
