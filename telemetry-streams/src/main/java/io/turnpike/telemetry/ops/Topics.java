package io.turnpike.telemetry.ops;

import io.turnpike.contract.Topic;
import io.turnpike.telemetry.config.TelemetryConfig;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The topics as they are in Kafka: makes missing ones, and knows how many partitions each has. */
public final class Topics {
    private static final Logger LOG = LoggerFactory.getLogger(Topics.class);
    /** Kafka's default of {@code max.request.size}, by which producers send. */
    private static final int LARGEST_REQUEST_BYTES = 1024 * 1024;

    private final Map<Topic, Integer> partitions;

    private Topics(Map<Topic, Integer> partitions) {
        this.partitions = new EnumMap<>(partitions);
    }

    /**
     * Makes the topics that are missing, with the settings of the contract, and reads the partitions of all. An existing
     * topic is never changed.
     *
     * @throws ExecutionException if Kafka does not answer or refuses
     * @throws IllegalStateException if topics that are read together have different partition counts, or one takes smaller
     *     records than programs send
     */
    public static Topics ensure(Admin admin, TelemetryConfig.Kafka config)
            throws InterruptedException, ExecutionException {
        Set<String> existing = admin.listTopics().names().get();
        List<NewTopic> missing = Arrays.stream(Topic.values()).filter(topic -> !existing.contains(topic.topicName()))
                .map(topic -> new NewTopic(topic.topicName(), topic.partitions(config.maxPartitions()),
                        (short) config.replicationFactor()).configs(topic.settings()))
                .toList();
        for (var created : admin.createTopics(missing).values().entrySet()) {
            try {
                created.getValue().get();
                LOG.info("topic made name={}", created.getKey());
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) { // a relay or another instance was faster
                    throw e;
                }
            }
        }
        Map<String, TopicDescription> described = admin
                .describeTopics(Arrays.stream(Topic.values()).map(Topic::topicName).toList()).allTopicNames().get();
        Map<Topic, Integer> partitions = new EnumMap<>(Topic.class);
        for (Topic topic : Topic.values()) {
            partitions.put(topic, described.get(topic.topicName()).partitions().size());
        }
        refuseUnequal(partitions);
        refuseSmall(admin);
        return new Topics(partitions);
    }

    /** How many partitions the topic has. */
    public int partitions(Topic topic) {
        return partitions.get(topic);
    }

    private static void refuseUnequal(Map<Topic, Integer> partitions) {
        for (Topic.Keyed keyed : List.of(Topic.Keyed.BY_ALLOCATION, Topic.Keyed.BY_TENANT)) {
            Set<Integer> counts = new TreeSet<>();
            partitions.forEach((topic, count) -> {
                if (topic.keyed() == keyed) {
                    counts.add(count);
                }
            });
            if (counts.size() > 1) {
                throw new IllegalStateException("topics keyed " + keyed + " must have equal partition counts, not "
                        + counts + "; make them again with equal counts");
            }
        }
    }

    /** What does not fit is refused when it is no longer known of which record it was made. */
    private static void refuseSmall(Admin admin) throws InterruptedException, ExecutionException {
        List<ConfigResource> all = Arrays.stream(Topic.values())
                .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic.topicName())).toList();
        Map<ConfigResource, Config> settings;
        try {
            settings = admin.describeConfigs(all).all().get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AuthorizationException) {
                LOG.info("how large records may be is not checked: this program may not read the topics' settings");
                return;
            }
            throw e;
        }
        Set<String> small = small(settings);
        if (!small.isEmpty()) {
            throw new IllegalStateException("topics must take records of " + LARGEST_REQUEST_BYTES
                    + " bytes: raise max.message.bytes of " + String.join(", ", small));
        }
    }

    /** The topics that take smaller records than programs send, as far as their brokers say what they take. */
    static Set<String> small(Map<ConfigResource, Config> settings) {
        Set<String> small = new TreeSet<>();
        settings.forEach((topic, config) -> {
            ConfigEntry limit = config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
            if (limit != null && limit.value() != null && Long.parseLong(limit.value()) < LARGEST_REQUEST_BYTES) {
                small.add(topic.name() + " (" + limit.value() + ')');
            }
        });
        return small;
    }
}
