package io.turnpike.node.kafka;

import io.turnpike.node.config.HostAndPort;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Kafka which brokers it has now: the configured ones are only those to begin with, and clients must not reach the
 * others either.
 */
final class AnnouncedBrokers {
    private static final Logger LOG = LoggerFactory.getLogger(AnnouncedBrokers.class);
    private static final long ANSWER_SECONDS = 5;

    private final Map<String, Object> clientSettings;

    AnnouncedBrokers(Map<String, Object> clientSettings) {
        this.clientSettings = clientSettings;
    }

    /** The brokers, or none if Kafka does not answer in five seconds. */
    List<HostAndPort> ask() {
        try (Admin admin = Admin.create(clientSettings)) {
            return admin.describeCluster().nodes().get(ANSWER_SECONDS, TimeUnit.SECONDS).stream()
                    .map(broker -> new HostAndPort(broker.host(), broker.port())).toList();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            LOG.debug("Kafka does not tell its brokers now", e);
            return List.of();
        }
    }
}
