package io.turnpike.node.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.SecretSeal;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.TenantStatus;
import io.turnpike.node.auth.TenantDirectory;
import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.quota.QuotaPolicy;
import io.turnpike.node.quota.QuotaSettings;
import io.turnpike.node.quota.QuotaTable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlConsumerTest {
    static {
        RecordCodec.prepareAvro();
    }

    private static final List<Topic> TOPICS = List.of(Topic.TENANT, Topic.QUOTA_POLICY, Topic.QUOTA_GRANT,
            Topic.REVOCATION);

    private final MockConsumer<byte[], byte[]> kafka = new MockConsumer<>("earliest");
    private final TenantDirectory tenants = new TenantDirectory(List.of());
    private final SecretSeal seal = SecretSeal.withKey(SecretSeal.newKey());

    @TempDir
    Path dir;

    @Test
    void knowsNoTenantBeforeItHasReadAllPolicies() {
        ControlConsumer control = control();
        topics(Map.of(Topic.TENANT, 1L, Topic.QUOTA_POLICY, 2L));
        kafka.schedulePollTask(() -> {
            add(Topic.TENANT, 0, "acme", ControlStateTest.tenant("acme", TenantStatus.ACTIVE, seal));
            add(Topic.QUOTA_POLICY, 0, "other", ControlStateTest.policy("other", QuotaMode.HARD, "UTC"));
        });
        for (int poll = 0; poll < 3; poll++) {
            kafka.schedulePollTask(() -> assertThat(tenants.find("acme")).as("a policy is still to come").isEmpty());
        }
        kafka.schedulePollTask(
                () -> add(Topic.QUOTA_POLICY, 1, "acme", ControlStateTest.policy("acme", QuotaMode.HARD, "UTC")));
        kafka.schedulePollTask(() -> assertThat(control.isCaughtUp()).isFalse());
        kafka.schedulePollTask(control::close);
        control.read(kafka);

        assertThat(tenants.find("acme")).isPresent();
        assertThat(kafka.paused()).isEmpty();
    }

    @Test
    void readsTenantsAtOnceWhereThereAreNoPolicies() {
        ControlConsumer control = control();
        topics(Map.of(Topic.TENANT, 1L));
        kafka.schedulePollTask(() -> {});
        kafka.schedulePollTask(
                () -> add(Topic.TENANT, 0, "acme", ControlStateTest.tenant("acme", TenantStatus.ACTIVE, seal)));
        kafka.schedulePollTask(control::close);
        control.read(kafka);

        assertThat(tenants.find("acme")).isPresent();
        assertThat(control.isCaughtUp()).isTrue();
    }

    private ControlConsumer control() {
        QuotaTable quotas = new QuotaTable(new NodeIdentity("n1", 7, 99), QuotaSettings.standard(QuotaPolicy.OFF, 1),
                System::nanoTime, Clock.systemUTC(), event -> {});
        ControlState state = new ControlState(new ControlMapping(seal), tenants, quotas);
        return new ControlConsumer(Map.of(), new TopicSetup(Map.of(), 1, 1), state,
                new ControlSnapshot(dir.resolve("control.snapshot"), seal, "n1"));
    }

    /** One partition of each topic, with so many records. */
    private void topics(Map<Topic, Long> ends) {
        for (Topic topic : TOPICS) {
            TopicPartition partition = new TopicPartition(topic.topicName(), 0);
            kafka.updatePartitions(topic.topicName(),
                    List.of(new PartitionInfo(topic.topicName(), 0, Node.noNode(), new Node[0], new Node[0])));
            kafka.updateBeginningOffsets(Map.of(partition, 0L));
            kafka.updateEndOffsets(Map.of(partition, ends.getOrDefault(topic, 0L)));
        }
    }

    private void add(Topic topic, long offset, String key, byte[] value) {
        kafka.addRecord(
                new ConsumerRecord<>(topic.topicName(), 0, offset, key.getBytes(StandardCharsets.UTF_8), value));
    }
}
