package io.turnpike.telemetry.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.Test;

class TopicsTest {
    @Test
    void namesTheTopicsThatTakeSmallerRecordsThanProgramsSend() {
        assertThat(Topics.small(Map.of(topic("a"), limit("1048575"), topic("b"), limit("1048576"), topic("c"),
                limit("4294967295")))).containsExactly("a (1048575)");
    }

    @Test
    void takesTopicsOfWhichItsBrokersDoNotSayWhatTheyTake() {
        assertThat(Topics.small(Map.of(topic("a"), limit(null), topic("b"), new Config(List.of())))).isEmpty();
    }

    private static ConfigResource topic(String name) {
        return new ConfigResource(ConfigResource.Type.TOPIC, name);
    }

    private static Config limit(String bytes) {
        return new Config(List.of(new ConfigEntry(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, bytes)));
    }
}
