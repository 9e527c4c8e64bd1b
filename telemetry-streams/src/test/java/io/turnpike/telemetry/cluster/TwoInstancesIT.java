package io.turnpike.telemetry.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.BillableRule;
import io.turnpike.control.v1.ChannelNumbers;
import io.turnpike.control.v1.CredentialExpiry;
import io.turnpike.control.v1.PutTenant;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.control.v1.TenantStatus;
import io.turnpike.events.v1.NodeState;
import io.turnpike.telemetry.EmbeddedKafka;
import io.turnpike.telemetry.Events;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two instances on a real broker: each answers for both, and outlives the other. */
class TwoInstancesIT {
    /** The goals are 1 s and 20 s; a loaded machine decides no test. */
    private static final Duration MOST_UNTIL_ANSWERED = Duration.ofSeconds(10);
    private static final Duration MOST_UNTIL_FRESH = Duration.ofSeconds(200);
    private static final int USERS = 12;
    private static final int ALLOCATIONS = 36;

    private final Instant start = Instant.now().minusSeconds(600);
    private final Events node = new Events("relay-1", 3);
    private final Events heartbeats = new Events("relay-1", 3);
    private final ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor();
    private final AtomicLong round = new AtomicLong();

    @TempDir
    Path folder;

    @AfterEach
    void stopHeart() {
        heart.shutdownNow();
    }

    @Test
    void eachAnswersForBothAndOutlivesTheOther() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder);
                Pair pair = new Pair(folder, kafka.bootstrapServers());
                KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", kafka.bootstrapServers(), "acks", "all"), new StringSerializer(),
                        new ByteArraySerializer())) {
            pair.awaitCopies();
            heart.scheduleAtFixedRate(() -> send(producer, Topic.NODE, "relay-1",
                    heartbeats.status(Instant.now(), NodeState.SERVING)), 0, 2, TimeUnit.SECONDS);
            begin(producer);
            load(producer);
            awaitTotals(pair, 0);
            awaitTotals(pair, 1);
            assertThat(pair.owned(0)).as("the partitions are shared").isBetween(1L, Pair.PARTITIONS - 1L);
            answersTheSameFromEither(pair);
            assertThat(pair.text(0, "/metrics")).containsPattern("turn_iq_requests_total\\{route=\"forwarded\"} [1-9]");
            assertThat(pair.text(1, "/metrics")).containsPattern("turn_iq_requests_total\\{route=\"forwarded\"} [1-9]");

            survives(pair, producer, 0);
            pair.start(0);
            pair.awaitCopies();
            awaitTotals(pair, 0);
            survives(pair, producer, 1);
        }
    }

    /** Kills an instance under load, and looks at what the other one answers until it owns everything. */
    private void survives(Pair pair, KafkaProducer<String, byte[]> producer, int killed) throws Exception {
        int survivor = 1 - killed;
        load(producer);
        awaitTotals(pair, survivor);
        long least = round.get();
        load(producer);
        pair.kill(killed);
        long killedAt = System.nanoTime();

        Duration answered = Duration.ZERO;
        int staleAnswers = 0;
        for (int user = 0; user < USERS; user++) {
            String path = userUsage(user);
            JsonNode answer = await().atMost(Pair.PATIENCE).pollInterval(Duration.ofMillis(20))
                    .until(() -> pair.ask(survivor, path), Optional::isPresent).orElseThrow();
            answered = since(killedAt);
            staleAnswers += answer.get("stale").booleanValue() ? 1 : 0;
            assertThat(billable(answer)).as("user %d is neither empty nor older than the copy", user)
                    .isBetween(expected(user, least), expected(user, round.get()));
        }
        assertThat(answered).as("answers from copies").isLessThan(MOST_UNTIL_ANSWERED);
        assertThat(staleAnswers).as("what comes from a copy says so").isPositive();

        Duration fresh = await().atMost(MOST_UNTIL_FRESH).pollInterval(Duration.ofMillis(100)).until(() -> {
            load(producer);
            boolean all = true;
            for (int user = 0; user < USERS; user++) {
                Optional<JsonNode> answer = pair.ask(survivor, userUsage(user));
                answer.ifPresent(body -> assertThat(billable(body)).isPositive());
                all &= answer.filter(body -> !body.get("stale").booleanValue() && body.get("complete").booleanValue()
                        && body.get("lagMs").longValue() < 5_000).isPresent();
            }
            return all ? since(killedAt) : null;
        }, duration -> duration != null);
        System.out.printf(
                "instance %d killed: all %d users answered after %d ms (%d of them from a copy), fresh after %d ms%n",
                killed, USERS, answered.toMillis(), staleAnswers, fresh.toMillis());
        awaitTotals(pair, survivor);
    }

    private void answersTheSameFromEither(Pair pair) throws Exception {
        List<String> paths = new ArrayList<>(List.of("/v1/tenants?limit=10", "/v1/nodes", "/v1/nodes/relay-1",
                "/v1/nodes/relay-1/usage" + range(),
                "/v1/tenants/acme/usage" + range(), "/v1/cluster/usage" + range(), "/v1/cluster/connectivity",
                "/v1/tenants/acme/connectivity", "/v1/tenants/acme/users" + range() + "&sort=-bytes&limit=5",
                "/v1/tenants/acme/users" + range() + "&sort=user", "/v1/tenants/acme/allocations?limit=7",
                "/v1/allocations/" + node.allocationId(1), "/v1/tenants/acme", "/v1/tenants/acme/quota"));
        for (int user = 0; user < USERS; user++) {
            paths.add(userUsage(user));
        }
        for (String path : paths) {
            await().atMost(Pair.PATIENCE).ignoreExceptions().untilAsserted(() -> {
                JsonNode answer = pair.answer(0, path);
                assertThat(answer.get("complete").booleanValue()).as(path).isTrue();
                assertThat(answer.get("stale").booleanValue()).as(path).isFalse();
                assertThat(pair.answer(1, path)).as(path).isEqualTo(answer);
            });
        }
        assertThat(pages(pair, "/v1/tenants/acme/allocations?limit=5", "allocations", "id")).hasSize(ALLOCATIONS)
                .doesNotHaveDuplicates();
        assertThat(pages(pair, "/v1/tenants/acme/users" + range() + "&limit=5", "users", "user")).hasSize(USERS)
                .doesNotHaveDuplicates();
    }

    /** All pages, the first from one instance, the next from the other, and so on. */
    private static List<String> pages(Pair pair, String path, String list, String name) throws Exception {
        List<String> all = new ArrayList<>();
        String next = path;
        for (int instance = 0; next != null; instance = 1 - instance) {
            JsonNode page = pair.answer(instance, next);
            all.addAll(page.get(list).findValuesAsText(name));
            JsonNode cursor = page.get("nextCursor");
            next = cursor.isNull() ? null : path + "&cursor=" + cursor.textValue();
        }
        return all;
    }

    private void begin(KafkaProducer<String, byte[]> producer) {
        send(producer, Topic.COMMAND, "acme", TenantCommand.newBuilder().setCommandId("1").setTenantId("acme")
                .setActor("test").setIssuedAt(Instant.now()).setIfMatch(null)
                .setAction(PutTenant.newBuilder().setDisplayName("Acme").setStatus(TenantStatus.ACTIVE)
                        .setSecrets(List.of()).setChannelNumbers(ChannelNumbers.RFC8656)
                        .setBillableRule(BillableRule.BOTH_DIRECTIONS).setCredentialExpiry(CredentialExpiry.ALLOCATE)
                        .setServerNames(List.of()).setPeerAllow(List.of()).setPeerDeny(List.of()).build())
                .build());
        for (int allocation = 0; allocation < ALLOCATIONS; allocation++) {
            send(producer, Topic.ALLOCATION, node.allocationId(allocation),
                    node.created(allocation, start, "acme", "user-" + allocation % USERS));
        }
    }

    /** One more snapshot of every allocation. */
    private void load(KafkaProducer<String, byte[]> producer) {
        long now = round.incrementAndGet();
        for (int allocation = 0; allocation < ALLOCATIONS; allocation++) {
            send(producer, Topic.BANDWIDTH, node.allocationId(allocation), node.snapshot(allocation,
                    start.plusMillis(100 * now - 100), start.plusMillis(100 * now), "acme",
                    "user-" + allocation % USERS, bytes(allocation, now)));
        }
        producer.flush();
    }

    private static long bytes(int allocation, long round) {
        return round * (1_000 + 25L * allocation);
    }

    /** Billable bytes of a user after a round: both directions, each with a 25th of framing. */
    private static long expected(int user, long round) {
        long sum = 0;
        for (int allocation = user; allocation < ALLOCATIONS; allocation += USERS) {
            long bytes = bytes(allocation, round);
            sum += 2 * (bytes + bytes / 25);
        }
        return sum;
    }

    private void awaitTotals(Pair pair, int instance) {
        long whole = 0;
        for (int user = 0; user < USERS; user++) {
            awaitTotal(pair, instance, userUsage(user), expected(user, round.get()));
            whole += expected(user, round.get());
        }
        awaitTotal(pair, instance, "/v1/tenants/acme/usage" + range(), whole);
        awaitTotal(pair, instance, "/v1/cluster/usage" + range(), whole);
    }

    private static void awaitTotal(Pair pair, int instance, String path, long expected) {
        await().atMost(Pair.PATIENCE).untilAsserted(
                () -> assertThat(pair.ask(instance, path).map(TwoInstancesIT::billable)).as(path).contains(expected));
    }

    private static long billable(JsonNode answer) {
        return answer.at("/total/billableBytes").longValue();
    }

    private String userUsage(int user) {
        return "/v1/tenants/acme/users/user-" + user + "/usage" + range();
    }

    private String range() {
        return "?from=" + start.minusSeconds(3_600).truncatedTo(ChronoUnit.HOURS) + "&to="
                + start.plusSeconds(7_200).truncatedTo(ChronoUnit.HOURS) + "&step=1h";
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    private static void send(KafkaProducer<String, byte[]> producer, Topic topic, String key, SpecificRecord record) {
        producer.send(new ProducerRecord<>(topic.topicName(), key, RecordCodec.encode(record)));
    }
}
