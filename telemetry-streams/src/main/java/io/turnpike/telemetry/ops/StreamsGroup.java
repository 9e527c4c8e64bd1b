package io.turnpike.telemetry.ops;

import io.turnpike.telemetry.config.TelemetryConfig;
import io.turnpike.telemetry.config.TelemetryConfig.GroupProtocol;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an instance says for itself under the classic protocol, said for the whole group, in Kafka, under KIP-1071. */
public final class StreamsGroup {
    private static final Logger LOG = LoggerFactory.getLogger(StreamsGroup.class);

    private StreamsGroup() {}

    /**
     * Sets the group's standbys and time-outs where the brokers deal out the work; does nothing under the classic
     * protocol. What the brokers' own bounds do not allow is logged and left as it is.
     *
     * @throws ExecutionException if Kafka does not answer or refuses for another reason
     */
    public static void ensure(Admin admin, TelemetryConfig config) throws InterruptedException, ExecutionException {
        if (config.streams().groupProtocol() != GroupProtocol.STREAMS) {
            return;
        }
        long session = config.streams().sessionTimeout().toMillis();
        set(admin, config.applicationId(),
                Map.of("streams.num.standby.replicas", (long) config.streams().standbyReplicas()));
        set(admin, config.applicationId(),
                Map.of("streams.session.timeout.ms", session, "streams.heartbeat.interval.ms", session / 4));
    }

    private static void set(Admin admin, String group, Map<String, Long> settings)
            throws InterruptedException, ExecutionException {
        List<AlterConfigOp> changes = settings.entrySet().stream()
                .map(each -> new AlterConfigOp(new ConfigEntry(each.getKey(), each.getValue().toString()),
                        AlterConfigOp.OpType.SET))
                .toList();
        try {
            admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.GROUP, group), changes)).all()
                    .get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof InvalidConfigurationException)) {
                throw e;
            }
            LOG.warn("the brokers' bounds (group.streams.*) do not allow {}: {}", settings, e.getCause().getMessage());
        }
    }
}
