package io.turnpike.node.kafka;

import io.turnpike.contract.Topic;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the topics that are missing, with the settings of the contract, as soon as Kafka can be reached. Runs on a
 * thread of its own, so that a relay starts without Kafka; publisher and control reader wait for it.
 */
final class TopicSetup implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TopicSetup.class);
    private static final long ATTEMPT_MILLIS = 5_000;
    private static final long PAUSE_MILLIS = 500;

    private final Map<String, Object> clientSettings;
    private final List<NewTopic> topics;
    private final CountDownLatch ready = new CountDownLatch(1);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "turnpike-topics");

    /**
     * @param maxPartitions upper bound for partitions
     * @param replicationFactor copies of each partition
     */
    TopicSetup(Map<String, Object> clientSettings, int maxPartitions, int replicationFactor) {
        this.clientSettings = clientSettings;
        this.topics = Arrays.stream(Topic.values())
                .map(topic -> new NewTopic(topic.topicName(), Optional.of(topic.partitions(maxPartitions)),
                        Optional.of((short) replicationFactor)).configs(topic.settings()))
                .toList();
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    boolean isReady() {
        return ready.getCount() == 0;
    }

    /** Waits; false if it took longer. */
    boolean awaitReady(long millis) throws InterruptedException {
        return ready.await(millis, TimeUnit.MILLISECONDS);
    }

    private void run() {
        String lastFailure = "";
        try {
            while (closing.getCount() > 0) {
                String failure = attempt();
                if (failure.isEmpty()) {
                    ready.countDown();
                    LOG.info("topics are there count={}", topics.size());
                    return;
                }
                if (!failure.equals(lastFailure)) {
                    LOG.warn("topics are not there yet, trying on reason=\"{}\"", failure);
                    lastFailure = failure;
                }
                if (closing.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String attempt() throws InterruptedException {
        try (Admin admin = Admin.create(clientSettings)) {
            for (KafkaFuture<Void> made : admin.createTopics(topics).values().values()) {
                String failure = resultOf(made);
                if (!failure.isEmpty()) {
                    return failure;
                }
            }
            return "";
        } catch (KafkaException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static String resultOf(KafkaFuture<Void> made) throws InterruptedException {
        try {
            made.get(ATTEMPT_MILLIS, TimeUnit.MILLISECONDS);
            return "";
        } catch (ExecutionException e) {
            return e.getCause() instanceof TopicExistsException ? "" : String.valueOf(e.getCause().getMessage());
        } catch (TimeoutException e) {
            return "no answer from Kafka";
        }
    }

    @Override
    public void close() {
        closing.countDown();
        thread.interrupt();
    }
}
