package io.turnpike.benchmarks.streams;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.UserKey;
import io.turnpike.events.v1.UsageSnapshot;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * The limit: one thread that reads the same records, decodes them and adds bytes up per user in a hash map. It knows no
 * duplicates, keeps nothing, and would count wrong after any failure.
 *
 * @param records how many it read
 * @param seconds it took from the first record to the last
 * @param cpuSeconds its thread took
 */
record PlainReader(long records, double seconds, double cpuSeconds) {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Reads everything between two marks. */
    static PlainReader read(String bootstrapServers, Map<TopicPartition, Long> from, Map<TopicPartition, Long> to) {
        Map<String, Long> bytes = new HashMap<>();
        long records = 0;
        long begin = 0;
        long beginCpu = 0;
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false),
                new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.copyOf(to.keySet()));
            from.forEach(consumer::seek);
            long patience = System.nanoTime() + PATIENCE.toNanos();
            while (to.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                if (System.nanoTime() > patience) {
                    throw new IllegalStateException("the plain consumer did not reach the end");
                }
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    if (records++ == 0) {
                        begin = System.nanoTime();
                        beginCpu = cpu();
                    }
                    add(bytes, record.value());
                }
            }
        }
        return new PlainReader(records, (System.nanoTime() - begin) / 1e9, (cpu() - beginCpu) / 1e9);
    }

    private static void add(Map<String, Long> bytes, byte[] value) {
        if (RecordCodec.decode(value) instanceof RecordCodec.Decoded.Good good
                && good.record() instanceof UsageSnapshot snapshot) {
            bytes.merge(new UserKey(snapshot.getHeader().getTenantId(), snapshot.getHeader().getUserId()).text(),
                    snapshot.getClientToRelay().getWireBytes() + snapshot.getRelayToClient().getWireBytes(),
                    Long::sum);
        }
    }

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
