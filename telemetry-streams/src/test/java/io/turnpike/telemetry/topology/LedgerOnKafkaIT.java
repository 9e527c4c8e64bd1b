package io.turnpike.telemetry.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.telemetry.EmbeddedKafka;
import io.turnpike.telemetry.ledger.ControlHistory;
import io.turnpike.telemetry.ledger.HonestNode;
import io.turnpike.telemetry.query.CommandOutcome;
import io.turnpike.telemetry.cluster.HerePartitions;
import io.turnpike.telemetry.query.KafkaCommandGateway;
import io.turnpike.telemetry.query.Partitions;
import io.turnpike.telemetry.query.QuotaStatus;
import io.turnpike.telemetry.query.StoreUnavailable;
import io.turnpike.telemetry.query.StoredTenantQueries;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ledger on a real broker: exactly-once grants over crashes, and a whole ledger after its changelog is gone. */
class LedgerOnKafkaIT {
    private static final String APPLICATION = "ledger-it";
    private static final int PARTITIONS = 2;
    private static final long MIB = 1024 * 1024;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;
    private EmbeddedKafka kafka;
    private KafkaProducer<String, byte[]> relay;
    private KafkaConsumer<String, byte[]> grantReader;
    private KafkaStreams streams;
    private KafkaCommandGateway gateway;
    private final AtomicInteger crashes = new AtomicInteger();
    private final AtomicInteger processed = new AtomicInteger();
    private final List<HonestNode> nodes = new ArrayList<>();
    private long policyEpoch;

    @BeforeEach
    void start() {
        RecordCodec.prepareAvro();
        kafka = EmbeddedKafka.start(folder).withTopics(PARTITIONS);
        relay = new KafkaProducer<>(kafka.clientSettings(), new StringSerializer(), new ByteArraySerializer());
        Map<String, Object> reading = new HashMap<>(kafka.clientSettings());
        reading.put("isolation.level", "read_committed");
        grantReader = new KafkaConsumer<>(reading, new StringDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> grants = List.of(new TopicPartition(Topic.QUOTA_GRANT.topicName(), 0),
                new TopicPartition(Topic.QUOTA_GRANT.topicName(), 1));
        grantReader.assign(grants);
        grantReader.seekToBeginning(grants);
        gateway = KafkaCommandGateway.start(kafka.clientSettings(), PATIENCE);
    }

    @AfterEach
    void stop() {
        gateway.close();
        if (streams != null) {
            streams.close(Duration.ofSeconds(10));
        }
        grantReader.close();
        relay.close(Duration.ZERO);
        kafka.close();
    }

    /**
     * Starts the ledger.
     *
     * @param crashEvery a record of this number is decided on, and then the thread dies before it can commit; 0 for never
     * @param mostCrashes after which nothing happens any more
     */
    private void startLedger(int crashEvery, int mostCrashes) {
        Topology topology = new Topology();
        ControlHistory history = new KafkaControlHistory(kafka.clientSettings(), PATIENCE);
        LedgerTopology.addTo(topology, LedgerDriver.OFF, history);
        ProcessorSupplier<String, SpecificRecord, Void, Void> bomb = () -> (Processor<String, SpecificRecord, Void, Void>) record -> {
            if (crashEvery > 0 && processed.incrementAndGet() % crashEvery == 0 && crashes.get() < mostCrashes) {
                crashes.incrementAndGet();
                throw new IllegalStateException("killed between decision and commit, as the test wants it");
            }
        };
        topology.addProcessor("bomb", bomb, LedgerTopology.TENANT_USAGE_SOURCE);
        Properties settings = new Properties();
        settings.putAll(kafka.clientSettings());
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, APPLICATION);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, crashEvery > 0 ? 500 : 100); // more to abort
        settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.resolve("state").toString());
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 5);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), 5_000);
        settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
        settings.put(StreamsConfig.consumerPrefix("session.timeout.ms"), 6_000); // a dead thread does not leave the group
        settings.put(StreamsConfig.consumerPrefix("heartbeat.interval.ms"), 1_500);
        streams = new KafkaStreams(topology, settings);
        streams.setUncaughtExceptionHandler(failure -> StreamThreadExceptionResponse.REPLACE_THREAD);
        streams.start();
    }

    private void apply(Object action) throws Exception {
        TenantCommand command = LedgerDriver.command(action);
        CommandOutcome outcome = gateway.submit(command).toCompletableFuture().get(PATIENCE.toSeconds(),
                TimeUnit.SECONDS);
        assertThat(outcome).isInstanceOf(CommandOutcome.Applied.class);
    }

    private void setHard(long volume) throws Exception {
        apply(LedgerDriver.hard(volume));
        policyEpoch++;
    }

    private StoredTenantQueries queries() {
        return new StoredTenantQueries(HerePartitions.of(streams, PARTITIONS), LedgerDriver.OFF, Clock.systemUTC());
    }

    private QuotaStatus status() {
        return await().dontCatchUncaughtExceptions().atMost(PATIENCE).ignoreExceptionsInstanceOf(StoreUnavailable.class)
                .until(() -> queries().quotaStatus("acme").value(), found -> true);
    }

    /** Lets the nodes spend what they can until they have forwarded that much. */
    private void spendUntil(long bytes) {
        await().dontCatchUncaughtExceptions().atMost(PATIENCE.multipliedBy(2)).pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    spendOnce();
                    return forwarded() >= bytes;
                });
    }

    private void spendOnce() {
        for (HonestNode node : nodes) {
            node.follow(policyEpoch, true);
            for (int i = 0; i < 500 && node.forward(1_000, Instant.now()) != null; i++) {
                assertThat(forwarded()).isPositive();
            }
            relay.send(new ProducerRecord<>(Topic.TENANT_USAGE.topicName(), "acme",
                    RecordCodec.encode(node.report(Instant.now()))));
        }
        relay.flush();
        for (ConsumerRecord<String, byte[]> record : grantReader.poll(Duration.ofMillis(50))) {
            QuotaGrant grant = RecordCodec.decode(record.value(), QuotaGrant.class);
            nodes.forEach(node -> node.accept(grant));
        }
    }

    private long forwarded() {
        return nodes.stream().mapToLong(HonestNode::forwardedBytes).sum();
    }

    private Map<String, List<QuotaGrant>> committedGrants() {
        Map<String, List<QuotaGrant>> grants = new TreeMap<>();
        for (ConsumerRecord<String, byte[]> record : kafka.committed(Topic.QUOTA_GRANT.topicName())) {
            assertThat(record.partition()).isEqualTo(Partitions.of("acme", PARTITIONS));
            grants.computeIfAbsent(record.key(), key -> new ArrayList<>())
                    .add(RecordCodec.decode(record.value(), QuotaGrant.class));
        }
        return grants;
    }

    private void threeNodes() {
        for (int i = 0; i < 3; i++) {
            nodes.add(new HonestNode("r" + i, 1, 100 + i, Duration.ZERO));
        }
    }

    @Test
    void noGrantIsCommittedThatTheLedgerDoesNotKnowWhateverCrashesBetween() throws Exception {
        startLedger(9, 3);
        apply(LedgerDriver.putTenant());
        setHard(5 * MIB);
        threeNodes();
        spendUntil(5 * MIB - 60_000);
        assertThat(crashes).as("threads that died with a decision in hand").hasValue(3);
        assertThat(forwarded()).isLessThanOrEqualTo(5 * MIB);
        await().dontCatchUncaughtExceptions().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(status().grantedBytes()).isEqualTo(sumOfNewest(committedGrants())));
        assertThat(kafka.written(Topic.QUOTA_GRANT.topicName())).as("some decisions were written, and none saw them")
                .hasSizeGreaterThan(kafka.committed(Topic.QUOTA_GRANT.topicName()).size());
        committedGrants().values().forEach(LedgerOnKafkaIT::assertOneDecisionForEachSequence);
        assertThat(sumOfNewest(committedGrants())).isLessThanOrEqualTo(5 * MIB);
    }

    private static long sumOfNewest(Map<String, List<QuotaGrant>> grants) {
        return grants.values().stream().mapToLong(account -> account.get(account.size() - 1).getGrantBytes()).sum();
    }

    /** A task that forgot a decision which was published would give its sequence to another one. */
    private static void assertOneDecisionForEachSequence(List<QuotaGrant> account) {
        Map<Long, Long> bySequence = new HashMap<>();
        for (QuotaGrant grant : account) {
            Long same = bySequence.putIfAbsent(grant.getGrantSeq(), grant.getGrantBytes());
            assertThat(same == null || same == grant.getGrantBytes()).as("one decision for each sequence").isTrue();
        }
        assertThat(bySequence).hasSize((int) account.get(account.size() - 1).getGrantSeq());
    }

    @Test
    void aLedgerWhoseChangelogIsGoneTakesOverItsOwnGrantsBeforeItDecides() throws Exception {
        startLedger(0, 0);
        apply(LedgerDriver.putTenant());
        setHard(MIB);
        threeNodes();
        spendUntil(MIB - 20_000);
        long granted = status().grantedBytes();
        streams.close(Duration.ofSeconds(20));
        streams.cleanUp();
        deleteChangelogs();
        startLedger(0, 0);
        assertThat(status().grantedBytes()).isEqualTo(granted);
        assertThat(queries().tenant("acme").value()).isPresent();
        for (int i = 0; i < 20; i++) {
            spendOnce();
        }
        assertThat(forwarded()).isLessThanOrEqualTo(MIB);
        assertThat(status().grantedBytes()).isLessThanOrEqualTo(MIB);
        setHard(2 * MIB);
        assertThat(status().policyEpoch()).as("epochs go on").isEqualTo(2);
        spendUntil(2 * MIB - 40_000);
        assertThat(forwarded()).isLessThanOrEqualTo(2 * MIB);
    }

    private void deleteChangelogs() throws Exception {
        try (Admin admin = Admin.create(kafka.clientSettings())) {
            List<String> changelogs = admin.listTopics().names().get().stream()
                    .filter(name -> name.startsWith(APPLICATION) && name.endsWith("-changelog")).toList();
            assertThat(changelogs).isNotEmpty();
            admin.deleteTopics(changelogs).all().get();
            await().atMost(PATIENCE).until(() -> admin.listTopics().names().get().stream()
                    .noneMatch(name -> name.endsWith("-changelog")));
        }
    }

    @Test
    void historyBehindAnOpenTransactionIsWaitedForAndNotLeftOut() throws Exception {
        QuotaGrant doomed = grant("doomed");
        QuotaGrant decided = grant("decided");
        try (KafkaProducer<String, byte[]> dead = transactional("dead");
                KafkaProducer<String, byte[]> living = transactional("living")) {
            dead.initTransactions();
            dead.beginTransaction();
            dead.send(record(doomed)).get();
            living.initTransactions();
            living.beginTransaction();
            living.send(record(decided)).get();
            living.commitTransaction();
            assertThatThrownBy(() -> new KafkaControlHistory(kafka.clientSettings(), Duration.ofSeconds(1)).read(0))
                    .isInstanceOf(IllegalStateException.class).hasMessageContaining("nothing is granted before");
            CompletableFuture<ControlHistory.Decided> read = CompletableFuture
                    .supplyAsync(() -> new KafkaControlHistory(kafka.clientSettings(), PATIENCE).read(0));
            dead.abortTransaction();
            assertThat(read.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).grants()).containsExactly(decided);
        }
    }

    @Test
    void aPolicyThatCannotBeReadIsNotTakenForNone() throws Exception {
        relay.send(new ProducerRecord<>(Topic.QUOTA_POLICY.topicName(), 0, "acme", new byte[]{1, 2, 3})).get();
        assertThatThrownBy(() -> new KafkaControlHistory(kafka.clientSettings(), PATIENCE).read(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("cannot read turnpike.quota-policy-0 at offset 0");
    }

    private KafkaProducer<String, byte[]> transactional(String id) {
        Map<String, Object> settings = new HashMap<>(kafka.clientSettings());
        settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id);
        return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    }

    private static ProducerRecord<String, byte[]> record(QuotaGrant grant) {
        return new ProducerRecord<>(Topic.QUOTA_GRANT.topicName(), 0, grant.getNodeId(), RecordCodec.encode(grant));
    }

    private static QuotaGrant grant(String nodeId) {
        return LedgerTopologyTest.grant(1, 1_000, 0, nodeId);
    }
}
