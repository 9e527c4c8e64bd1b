package io.turnpike.telemetry;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.events.v1.UsageSnapshot;
import io.turnpike.telemetry.ledger.HonestNode;
import io.turnpike.telemetry.store.Traffic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * What relays send while instances come and go: growing counters with duplicates, late ones and poison among them, records
 * of transactions that are aborted, and a node that spends under a hard quota. Runs on a thread of its own until it is
 * closed; only then its sums are whole.
 */
final class Load implements AutoCloseable {
    static final String TENANT = "acme";
    static final int USERS = 4;
    private static final String RELAY = "relay-1";
    private static final long EPOCH = 3;
    private static final int ALLOCATIONS = 24;
    private static final Duration PAUSE = Duration.ofMillis(40);
    private static final Duration ROUND = Duration.ofMillis(200);
    private static final int POISON_EVERY = 20;
    private static final int DATAGRAM = 1_000;

    private final Map<Integer, UsageSnapshot> last = new HashMap<>();
    private final CountingRelay relay;
    private final Events aborted = new Events(RELAY, EPOCH);
    private final HonestNode node = new HonestNode("relay-9", 1, 9, Duration.ZERO);
    private final Random random = new Random(11);
    private final Instant start;
    private final KafkaProducer<String, byte[]> producer;
    private final KafkaProducer<String, byte[]> aborting;
    private final KafkaConsumer<String, byte[]> grants;
    private final Thread thread = new Thread(this::run, "load");
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile int rounds;
    private int poison;
    private volatile RuntimeException failure;

    /** @param partitions of the grants' topic */
    Load(Map<String, Object> client, Instant start, int partitions) {
        this.start = start;
        relay = new CountingRelay(RELAY, EPOCH, start);
        producer = producer(client, Map.of(ProducerConfig.ACKS_CONFIG, "all"));
        aborting = producer(client, Map.of(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "aborting"));
        Map<String, Object> reading = new HashMap<>(client);
        reading.put("isolation.level", "read_committed");
        grants = new KafkaConsumer<>(reading, new StringDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> all = IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(Topic.QUOTA_GRANT.topicName(), partition)).toList();
        grants.assign(all);
        grants.seekToBeginning(all);
        node.follow(1, true);
        thread.start();
    }

    /** Rounds that were sent so far. */
    int rounds() {
        if (failure != null) {
            throw failure;
        }
        return rounds;
    }

    /** Poison records that were sent. */
    int poison() {
        return poison;
    }

    /** Bytes that the node forwarded under the hard quota. */
    long forwarded() {
        return node.forwardedBytes();
    }

    /** Usage events that the relay made, and says at its end that it made. */
    long events() {
        return (long) rounds * ALLOCATIONS;
    }

    /** What a user used. */
    Traffic of(int user) {
        return last.entrySet().stream().filter(each -> each.getKey() % USERS == user)
                .map(each -> Traffic.of(each.getValue())).reduce(Traffic.ZERO, Traffic::plus);
    }

    private void run() {
        try {
            aborting.initTransactions();
            do {
                round(rounds + 1);
                rounds++;
            } while (!closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void round(int round) {
        aborting.beginTransaction();
        for (int allocation = 0; allocation < ALLOCATIONS; allocation++) {
            UsageSnapshot before = last.get(allocation);
            UsageSnapshot now = snapshot(allocation, round, 1_000L * round + random.nextInt(900));
            last.put(allocation, now);
            send(producer, Topic.BANDWIDTH, now.getAllocationId(), now);
            if (before != null && random.nextInt(4) == 0) {
                send(producer, Topic.BANDWIDTH, now.getAllocationId(), random.nextBoolean() ? now : before);
            }
            if (random.nextInt(6) == 0) {
                send(aborting, Topic.BANDWIDTH, now.getAllocationId(), aborted.snapshot(allocation,
                        now.getIntervalStart(), now.getHeader().getOccurredAt(), TENANT, user(allocation),
                        900_000_000L));
            }
        }
        if (round % POISON_EVERY == 0) {
            poison++;
            producer.send(new ProducerRecord<>(Topic.BANDWIDTH.topicName(), "poison-" + poison,
                    "no record".getBytes(StandardCharsets.UTF_8)));
        }
        spend();
        producer.flush();
        aborting.flush();
        aborting.abortTransaction();
    }

    private void spend() {
        grants.poll(Duration.ZERO).forEach(each -> node.accept(RecordCodec.decode(each.value(), QuotaGrant.class)));
        for (int i = 0; i < 5 && node.forward(DATAGRAM, Instant.now()) != null; i++) {
            continue;
        }
        send(producer, Topic.TENANT_USAGE, TENANT, node.report(Instant.now()));
    }

    private UsageSnapshot snapshot(int allocation, int round, long bytes) {
        Instant end = start.plus(ROUND.multipliedBy(round));
        return relay.snapshot(allocation, end.minus(ROUND), end, TENANT, user(allocation), bytes);
    }

    private static String user(int allocation) {
        return "user-" + allocation % USERS;
    }

    private static void send(KafkaProducer<String, byte[]> to, Topic topic, String key, SpecificRecord record) {
        to.send(new ProducerRecord<>(topic.topicName(), key, RecordCodec.encode(record)));
    }

    private static KafkaProducer<String, byte[]> producer(Map<String, Object> client, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(client);
        settings.putAll(more);
        return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    }

    /** Ends the thread; nothing is sent afterwards. */
    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        send(producer, Topic.NODE, RELAY, relay.stopped(Instant.now()));
        producer.close();
        aborting.close();
        grants.close();
        if (failure != null) {
            throw failure;
        }
    }
}
