package io.turnpike.telemetry.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.turnpike.contract.Topic;
import io.turnpike.telemetry.EmbeddedKafka;
import io.turnpike.telemetry.config.TelemetryConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;
    private EmbeddedKafka kafka;
    private Admin admin;
    private TelemetryConfig.Kafka config;

    @BeforeEach
    void start() throws Exception {
        kafka = EmbeddedKafka.start(folder);
        admin = Admin.create(kafka.clientSettings());
        config = new TelemetryConfig.Kafka(kafka.bootstrapServers(), 3, 1);
    }

    @AfterEach
    void stop() {
        admin.close();
        kafka.close();
    }

    @Test
    void makesWhatIsMissingAndLeavesTheRestAsItIs() throws Exception {
        admin.createTopics(List.of(new NewTopic(Topic.COMMAND.topicName(), Topic.COMMAND.partitions(3), (short) 1)
                .configs(Map.of(TopicConfig.RETENTION_MS_CONFIG, "12345")))).all().get();
        ensureAtLast();
        Topics topics = ensureAtLast();
        for (Topic topic : Topic.values()) {
            assertThat(topics.partitions(topic)).as(topic.topicName()).isEqualTo(topic.partitions(3));
            Map<String, String> expected = topic == Topic.COMMAND
                    ? Map.of(TopicConfig.RETENTION_MS_CONFIG, "12345")
                    : topic.settings();
            Config found = admin.describeConfigs(List.of(resource(topic))).all().get().get(resource(topic));
            expected.forEach((name, value) -> assertThat(found.get(name).value()).as(topic + " " + name)
                    .isEqualTo(value));
        }
    }

    @Test
    void refusesTopicsThatCannotBeReadTogether() throws Exception {
        admin.createTopics(List.of(new NewTopic(Topic.COMMAND.topicName(), 2, (short) 1))).all().get();
        refuses("equal partition counts");
    }

    @Test
    void refusesATopicThatTakesSmallerRecordsThanProgramsSend() throws Exception {
        ensureAtLast();
        limit(1024 * 1024 - 1);
        refuses("max.message.bytes of " + Topic.QUOTA_GRANT.topicName() + " (1048575)");
        limit(1024 * 1024);
        ensureAtLast();
    }

    /** A broker learns a while after its answer what it has answered; telemetry asks again too. */
    private Topics ensureAtLast() {
        return await().atMost(PATIENCE).ignoreExceptions().until(() -> Topics.ensure(admin, config), made -> true);
    }

    private void refuses(String reason) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThatThrownBy(() -> Topics.ensure(admin, config))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining(reason));
    }

    private void limit(int bytes) throws Exception {
        admin.incrementalAlterConfigs(Map.of(resource(Topic.QUOTA_GRANT), List.of(new AlterConfigOp(
                new ConfigEntry(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(bytes)), OpType.SET)))).all()
                .get();
    }

    private static ConfigResource resource(Topic topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic.topicName());
    }
}
