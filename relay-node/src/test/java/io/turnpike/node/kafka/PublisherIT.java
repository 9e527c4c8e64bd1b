package io.turnpike.node.kafka;

import static io.turnpike.node.kafka.SampleEvents.created;
import static io.turnpike.node.kafka.SampleEvents.ended;
import static io.turnpike.node.kafka.SampleEvents.reported;
import static io.turnpike.node.kafka.SampleEvents.sampled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnpike.contract.SecretSeal;
import io.turnpike.contract.Topic;
import io.turnpike.events.v1.AllocationEvent;
import io.turnpike.events.v1.AllocationEventKind;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.events.v1.UsageSnapshot;
import io.turnpike.node.auth.TenantDirectory;
import io.turnpike.node.config.RelayConfig.KafkaConfig;
import io.turnpike.node.event.EventBuffer;
import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.quota.QuotaPolicy;
import io.turnpike.node.quota.QuotaSettings;
import io.turnpike.node.quota.QuotaTable;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The publisher against Kafka's own broker, which comes late and goes away. */
class PublisherIT {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final String CLUSTER_KEY = SecretSeal.newKey();
    private static final List<String> EVENT_TOPICS = List.of(Topic.ALLOCATION.topicName(), Topic.BANDWIDTH.topicName(),
            Topic.TENANT_USAGE.topicName());

    @TempDir
    Path brokerDir;
    @TempDir
    Path nodeDir;

    private EmbeddedKafka kafka;
    private final EventBuffer buffer = new EventBuffer(4096);

    @BeforeEach
    void makeBroker() {
        kafka = new EmbeddedKafka(brokerDir);
    }

    @AfterEach
    void stopBroker() {
        kafka.close();
    }

    @Test
    void deliversEverythingWhenTheBrokerComesAfterTheFirstEvents() throws Exception {
        try (KafkaLink link = link(7, buffer)) {
            for (int i = 0; i < 50; i++) {
                buffer.offer(created(i));
                buffer.offer(sampled(i, 1, 100, false));
                buffer.offer(sampled(i, 2, 200, false));
            }
            IntStream.range(0, 20).forEach(i -> end(i, 300));
            buffer.offer(reported("acme", 5));
            await().atMost(LONG).untilAsserted(() -> assertThat(buffer.depth()).isZero());
            assertThat(link.isPublishing()).isFalse();
            assertThat(link.spoolBytes()).isPositive();

            kafka.start();
            Map<String, Long> expected = new HashMap<>();
            IntStream.range(0, 50).forEach(i -> expected.put("n1-7-" + i, i < 20 ? 300L : 200L));
            await().atMost(LONG).until(link::isPublishing);
            try (Received received = new Received(kafka.bootstrapServers(), EVENT_TOPICS)) {
                await().atMost(LONG).untilAsserted(() -> {
                    received.poll();
                    assertThat(totals(received)).isEqualTo(expected);
                    assertThat(count(received, AllocationEventKind.CREATED)).isEqualTo(50);
                    assertThat(count(received, AllocationEventKind.ENDED)).isEqualTo(20);
                    assertThat(received.all(TenantNodeUsage.class)).extracting(TenantNodeUsage::getBillableBytes)
                            .containsExactly(5L);
                });
            }
            await().atMost(LONG).untilAsserted(() -> assertThat(link.spoolBytes()).isZero());
            assertThat(link.droppedRecords()).isEmpty();
        }
    }

    @Test
    void losesNothingWhenTheBrokerRestartsUnderLoad() throws Exception {
        kafka.start();
        Map<String, Long> expected = new HashMap<>();
        try (KafkaLink link = link(7, buffer)) {
            await().atMost(LONG).until(link::isPublishing);
            load(0, expected);
            kafka.stop();
            load(1_000, expected);
            await().atMost(LONG).until(() -> !link.isPublishing());
            load(2_000, expected);
            kafka.start();
            await().atMost(LONG).until(link::isPublishing);
            load(3_000, expected);
            try (Received received = new Received(kafka.bootstrapServers(), EVENT_TOPICS)) {
                await().atMost(LONG).untilAsserted(() -> {
                    received.poll();
                    assertThat(totals(received)).isEqualTo(expected);
                    assertThat(count(received, AllocationEventKind.CREATED)).isEqualTo(expected.size());
                    assertThat(count(received, AllocationEventKind.ENDED)).isEqualTo(expected.size() / 2);
                });
            }
            assertThat(link.droppedRecords()).isEmpty();
        }
    }

    @Test
    void sendsAfterARestartWhatAnEarlierStartCouldNot() throws Exception {
        KafkaLink first = link(7, buffer);
        buffer.offer(created(1));
        buffer.offer(sampled(1, 1, 111, true));
        buffer.offer(ended(1, 2));
        buffer.offer(sampled(2, 1, 222, false));
        first.close(Duration.ofMillis(100));

        kafka.start();
        try (KafkaLink second = link(8, new EventBuffer(1024))) {
            await().atMost(LONG).until(second::isPublishing);
            try (Received received = new Received(kafka.bootstrapServers(), EVENT_TOPICS)) {
                await().atMost(LONG).untilAsserted(() -> {
                    received.poll();
                    assertThat(totals(received)).isEqualTo(Map.of("n1-7-1", 111L, "n1-7-2", 222L));
                    assertThat(received.all(AllocationEvent.class)).extracting(AllocationEvent::getKind)
                            .containsExactly(AllocationEventKind.CREATED, AllocationEventKind.ENDED);
                    assertThat(received.all(AllocationEvent.class))
                            .allMatch(event -> event.getHeader().getNodeEpoch() == 7);
                });
            }
        }
    }

    @Test
    void sendsWhatWaitsBeforeItCloses() throws Exception {
        kafka.start();
        KafkaLink link = link(7, buffer);
        await().atMost(LONG).until(link::isPublishing);
        IntStream.range(0, 500).forEach(i -> end(i, i));
        link.close(LONG);
        assertThat(link.spoolBytes()).isZero();
        try (Received received = new Received(kafka.bootstrapServers(), EVENT_TOPICS)) {
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(count(received.poll(), AllocationEventKind.ENDED)).isEqualTo(500));
        }
    }

    private void load(int first, Map<String, Long> expected) {
        for (int i = first; i < first + 200; i++) {
            buffer.offer(created(i));
            buffer.offer(sampled(i, 1, 10L * i, false));
            boolean ends = i % 2 == 0;
            if (ends) {
                end(i, 20L * i);
            }
            expected.put("n1-7-" + i, ends ? 20L * i : 10L * i);
        }
    }

    private void end(int number, long bytes) {
        buffer.offer(sampled(number, 3, bytes, true));
        buffer.offer(ended(number, 4));
    }

    private static Map<String, Long> totals(Received received) {
        Map<String, Long> totals = new HashMap<>();
        received.all(UsageSnapshot.class).forEach(snapshot -> totals.merge(snapshot.getAllocationId(),
                snapshot.getClientToRelay().getPayloadBytes(), Math::max));
        return totals;
    }

    private static long count(Received received, AllocationEventKind kind) {
        return received.all(AllocationEvent.class).stream().filter(event -> event.getKind() == kind).count();
    }

    private KafkaLink link(long epoch, EventBuffer events) throws Exception {
        NodeIdentity node = new NodeIdentity("n1", epoch, 99);
        QuotaTable quotas = new QuotaTable(node, QuotaSettings.standard(QuotaPolicy.OFF, 1), System::nanoTime,
                Clock.systemUTC(), events);
        KafkaConfig config = new KafkaConfig(true, kafka.bootstrapServers(), 2, 1, 4096, 16 * 1024 * 1024);
        return KafkaLink.start(config, new KafkaLink.Parts(node, nodeDir, SecretSeal.withKey(CLUSTER_KEY), events,
                new TenantDirectory(List.of()), quotas, Clock.systemUTC(), Duration.ofSeconds(71)));
    }
}
