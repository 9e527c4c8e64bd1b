package io.turnpike.telemetry.topology;

import static io.turnpike.telemetry.topology.StreamHarness.sum;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.Topic;
import io.turnpike.control.v1.BillableRule;
import io.turnpike.events.v1.AllocationEvent;
import io.turnpike.events.v1.ClientTransport;
import io.turnpike.events.v1.EndReason;
import io.turnpike.events.v1.NodeState;
import io.turnpike.events.v1.NodeStatus;
import io.turnpike.events.v1.UsageSnapshot;
import io.turnpike.telemetry.Events;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.Traffic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.junit.jupiter.api.Test;

class SessionTrackerTest extends StreamTest {
    @Test
    void addsUpCumulativeSnapshotsToTheLastOne() {
        UsageSnapshot last = null;
        create(1, "acme", "al");
        for (int i = 1; i <= 6; i++) {
            last = node.snapshot(1, at(10 * i - 10), at(10 * i), "acme", "al", 1_000L * i);
            send(last);
        }
        stream.flush();

        for (Bucket bucket : Bucket.values()) {
            assertThat(sum(stream.user(bucket, "acme", "al"))).as("user %s", bucket).isEqualTo(Traffic.of(last));
            assertThat(sum(stream.tenant(bucket, "acme"))).as("tenant %s", bucket).isEqualTo(Traffic.of(last));
            assertThat(sum(stream.tenant(bucket, ""))).as("cluster %s", bucket).isEqualTo(Traffic.of(last));
        }
    }

    @Test
    void followsAClientThatMovesAndCountsItsOutcomeWhereItIs() {
        AllocationEvent created = node.created(1, at(0), "acme", "al");
        AllocationEvent toTcp = node.moved(1, 2, at(5), "acme", "al", ClientTransport.TCP, "192.0.2.0/24");
        AllocationEvent toTls = node.moved(1, 3, at(8), "acme", "al", ClientTransport.TLS, "198.51.100.0/24");
        UsageSnapshot last = node.snapshot(1, at(0), at(10), "acme", "al", 1_000);
        stream.send(Topic.ALLOCATION, node.allocationId(1), created);
        stream.send(Topic.ALLOCATION, node.allocationId(1), toTcp);
        send(last);
        stream.send(Topic.ALLOCATION, node.allocationId(1),
                node.ended(1, at(11), "acme", "al", EndReason.CLIENT_RELEASED));
        stream.flush();
        assertThat(stream.outcomes("acme")).containsOnlyKeys("CONNECTED/0/TCP");
        stream.send(Topic.ALLOCATION, node.allocationId(1), toTls);
        stream.send(Topic.ALLOCATION, node.allocationId(1), toTcp);
        stream.send(Topic.ALLOCATION, node.allocationId(1), created);
        stream.flush();

        assertThat(stream.session(node.allocationId(1)).getTransport()).isEqualTo("TLS");
        assertThat(stream.session(node.allocationId(1)).getRelayTransport()).isEqualTo("TCP");
        assertThat(stream.session(node.allocationId(1)).getClientPrefix()).isEqualTo("198.51.100.0/24");
        assertThat(stream.session(node.allocationId(1)).getSteps()).extracting(step -> step.getEvent())
                .containsExactly("CREATED", "MOVED", "MOVED", "ENDED");
        assertThat(stream.outcomes("acme")).containsEntry("CONNECTED/0/TLS", 1L);
        assertThat(stream.outcomes("acme").getOrDefault("CONNECTED/0/TCP", 0L)).isZero();
        assertThat(sum(stream.user(Bucket.DAY, "acme", "al"))).isEqualTo(Traffic.of(last));
    }

    @Test
    void ignoresADuplicateSnapshot() {
        UsageSnapshot snapshot = node.snapshot(1, at(0), at(10), "acme", "al", 1_000);
        send(snapshot);
        send(snapshot);
        stream.flush();

        assertThat(sum(stream.user(Bucket.DAY, "acme", "al"))).isEqualTo(Traffic.of(snapshot));
        assertThat(sum(stream.tenant(Bucket.DAY, "acme"))).isEqualTo(Traffic.of(snapshot));
        assertThat(stream.counter("turn_telemetry_duplicates")).isEqualTo(1);
    }

    @Test
    void healsALostSnapshotWithTheNextOneAndSpreadsItOverTheGap() {
        create(1, "acme", "al");
        send(node.snapshot(1, at(0), at(60), "acme", "al", 600));
        UsageSnapshot afterLoss = node.snapshot(1, at(120), at(180), "acme", "al", 2_600);
        send(afterLoss);

        Map<Instant, Traffic> minutes = stream.user(Bucket.MINUTE, "acme", "al");
        assertThat(sum(minutes)).isEqualTo(Traffic.of(afterLoss));
        assertThat(minutes).containsOnlyKeys(at(0), at(60), at(120));
        assertThat(minutes.get(at(60)).packetsToPeers()).isEqualTo(10);
        assertThat(minutes.get(at(120)).packetsToPeers()).isEqualTo(10);
    }

    @Test
    void reorderedSnapshotsGiveTheSameTotals() {
        List<UsageSnapshot> snapshots = IntStream.rangeClosed(1, 50).mapToObj(
                i -> node.snapshot(1, at(10 * i - 10), at(10 * i), "acme", "al", 997L * i)).collect(
                        Collectors.toList());
        Traffic last = Traffic.of(snapshots.get(49));
        Collections.shuffle(snapshots, new Random(42));
        snapshots.forEach(this::send);
        stream.flush();

        assertThat(sum(stream.user(Bucket.MINUTE, "acme", "al"))).isEqualTo(last);
        assertThat(sum(stream.user(Bucket.DAY, "acme", "al"))).isEqualTo(last);
        assertThat(sum(stream.tenant(Bucket.HOUR, "acme"))).isEqualTo(last);
    }

    @Test
    void appliesALateRecordToItsOwnBucket() {
        Instant threeDaysAgo = START.minus(Duration.ofDays(3));
        UsageSnapshot late = node.snapshot(1, threeDaysAgo, threeDaysAgo.plusSeconds(10), "acme", "al", 5_000);
        send(late);
        stream.flush();

        Instant day = Instant.parse("2026-11-19T00:00:00Z");
        assertThat(stream.user(Bucket.DAY, "acme", "al")).isEqualTo(Map.of(day, Traffic.of(late)));
        assertThat(stream.tenant(Bucket.DAY, "acme")).isEqualTo(Map.of(day, Traffic.of(late)));
    }

    @Test
    void aRecordFromTheYear2099MovesNobodyElsesBuckets() {
        Instant future = Instant.parse("2099-01-01T00:00:00Z");
        UsageSnapshot wrong = node.snapshot(1, future, future.plusSeconds(10), "acme", "al", 700);
        send(wrong);
        UsageSnapshot right = node.snapshot(2, at(0), at(10), "acme", "bo", 900);
        send(right);
        stream.flush();

        assertThat(stream.user(Bucket.MINUTE, "acme", "al"))
                .isEqualTo(Map.of(START.plus(EventTime.AHEAD), Traffic.of(wrong)));
        assertThat(stream.user(Bucket.MINUTE, "acme", "bo")).isEqualTo(Map.of(START, Traffic.of(right)));
        assertThat(stream.counter("turn_telemetry_clamped_records")).isEqualTo(1);
    }

    @Test
    void anIntervalFromTheYear1970IsSpreadOverFiveWeeksAtMost() {
        UsageSnapshot odd = node.snapshot(1, Instant.EPOCH, START, "acme", "al", 1_000_003);
        send(odd);
        stream.flush();

        assertThat(sum(stream.user(Bucket.DAY, "acme", "al"))).isEqualTo(Traffic.of(odd));
        assertThat(sum(stream.tenant(Bucket.DAY, "acme"))).isEqualTo(Traffic.of(odd));
        assertThat(stream.user(Bucket.DAY, "acme", "al").keySet())
                .allMatch(day -> !day.isBefore(START.minus(Duration.ofDays(36))));
    }

    @Test
    void aRestartedNodeCountsFromZeroAgain() {
        send(node.snapshot(1, at(0), at(10), "acme", "al", 1_000));
        Events restarted = new Events("relay-1", 8);
        send(restarted.snapshot(1, at(20), at(30), "acme", "al", 300));

        assertThat(sum(stream.user(Bucket.DAY, "acme", "al")).packetsToPeers()).isEqualTo(13);
    }

    @Test
    void aSnapshotAfterTheEndStillCounts() {
        create(1, "acme", "al");
        end(1, "acme", "al", EndReason.CLIENT_RELEASED);
        UsageSnapshot last = node.snapshot(1, at(0), at(5), "acme", "al", 4_200);
        send(last);
        stream.flush();

        assertThat(sum(stream.user(Bucket.DAY, "acme", "al"))).isEqualTo(Traffic.of(last));
        assertThat(stream.session(node.allocationId(1)).getOutcome()).isEqualTo("CONNECTED");
        assertThat(stream.outcomes("acme")).isEqualTo(Map.of("CONNECTED/0/UDP", 1L));
    }

    @Test
    void countsEachOutcomeOnce() {
        create(1, "acme", "al");
        create(2, "acme", "al");
        create(3, "acme", "bo");
        create(4, "acme", "bo");
        send(node.snapshot(1, at(0), at(10), "acme", "al", 1_000, 1_000));
        send(node.snapshot(2, at(0), at(10), "acme", "al", 1_000, 0));
        send(node.snapshot(4, at(0), at(10), "acme", "bo", 1_000, 1_000));
        AllocationEvent released = node.ended(1, at(20), "acme", "al", EndReason.CLIENT_RELEASED);
        stream.send(Topic.ALLOCATION, node.allocationId(1), released);
        stream.send(Topic.ALLOCATION, node.allocationId(1), released);
        end(2, "acme", "al", EndReason.EXPIRED);
        end(3, "acme", "bo", EndReason.CLIENT_RELEASED);
        end(4, "acme", "bo", EndReason.QUOTA);
        stream.flush();

        assertThat(stream.outcomes("acme")).isEqualTo(Map.of("CONNECTED/0/UDP", 1L, "ONE_WAY/0/UDP", 1L,
                "UNUSED/0/UDP", 1L, "CUT_BY_QUOTA/0/UDP", 1L));
        assertThat(stream.outcomes("")).isEqualTo(stream.outcomes("acme"));
    }

    @Test
    void countsARefusedAttemptOnceAndASampledOneWithItsTrueCount() {
        AllocationEvent rejected = node.rejected(at(1), "acme", "al", 486);
        stream.send(Topic.ALLOCATION, "", rejected);
        stream.send(Topic.ALLOCATION, "", rejected);
        stream.send(Topic.ALLOCATION, "", node.authFailed(at(2), "acme", 41));
        stream.flush();

        assertThat(stream.outcomes("acme")).isEqualTo(Map.of("REJECTED/486/UDP", 1L, "AUTH_FAILED/401/UDP", 42L));
    }

    @Test
    void endsTheAllocationsOfASilentNodeAsLost() {
        heartbeat(node);
        create(1, "acme", "al");
        send(node.snapshot(1, at(0), at(10), "acme", "al", 1_000));
        stream.advance(Duration.ofSeconds(14));
        assertThat(stream.session(node.allocationId(1)).getEndedAtMicros()).isZero();

        stream.advance(Duration.ofSeconds(2));
        stream.advance(SessionTracker.SWEEP_INTERVAL);
        stream.flush();

        assertThat(stream.node("relay-1").getLost()).isTrue();
        assertThat(stream.session(node.allocationId(1)).getEndedAtMicros()).isPositive();
        assertThat(stream.outcomes("acme")).isEqualTo(Map.of("NODE_LOST/0/UDP", 1L));
        assertThat(keys(Stores.SESSION_INDEX, 'L')).isZero();
        assertThat(keys(Stores.SESSION_INDEX, 'D')).isEqualTo(1);
    }

    @Test
    void withdrawsALostNodeWhenItSpeaksAgain() {
        endsTheAllocationsOfASilentNodeAsLost();

        heartbeat(node);
        UsageSnapshot again = node.snapshot(1, at(10), stream.now(), "acme", "al", 9_000);
        send(again);
        stream.flush();

        assertThat(stream.node("relay-1").getLost()).isFalse();
        assertThat(stream.session(node.allocationId(1)).getEndedAtMicros()).isZero();
        assertThat(stream.outcomes("acme")).isEmpty();
        assertThat(sum(stream.user(Bucket.DAY, "acme", "al"))).isEqualTo(Traffic.of(again));
        assertThat(keys(Stores.SESSION_INDEX, 'L')).isEqualTo(1);
        assertThat(keys(Stores.SESSION_INDEX, 'D')).isZero();
    }

    @Test
    void aReplayedEndCorrectsALostNode() {
        endsTheAllocationsOfASilentNodeAsLost();

        stream.send(Topic.ALLOCATION, node.allocationId(1),
                node.ended(1, at(12), "acme", "al", EndReason.CLIENT_RELEASED));
        stream.flush();

        assertThat(stream.outcomes("acme")).isEqualTo(Map.of("CONNECTED/0/UDP", 1L));
        assertThat(keys(Stores.SESSION_INDEX, 'D')).isEqualTo(1);
    }

    @Test
    void aNewEpochEndsTheAllocationsOfTheOldOne() {
        heartbeat(node);
        create(1, "acme", "al");
        Events restarted = new Events("relay-1", 8);
        heartbeat(restarted);
        stream.advance(SessionTracker.SWEEP_INTERVAL);

        assertThat(stream.session(node.allocationId(1)).getNodeLost()).isTrue();
        assertThat(stream.node("relay-1").getLost()).isFalse();
    }

    @Test
    void silenceWhileKafkaIsAwayIsNoLostNode() {
        heartbeat(node);
        create(1, "acme", "al");
        stream.kafkaAnswers(false);
        stream.advance(Duration.ofMinutes(10));

        assertThat(stream.node("relay-1").getLost()).isFalse();
        assertThat(stream.session(node.allocationId(1)).getEndedAtMicros()).isZero();
    }

    @Test
    void anAllocationOfWhichNothingIsHeardIsClosedAndInTheEndForgotten() {
        create(1, "acme", "al");
        stream.advance(SessionBook.LIVE_SILENCE.plusSeconds(2));
        assertThat(stream.session(node.allocationId(1)).getProvisional()).isTrue();

        stream.advance(Stores.PROVISIONAL_RETENTION.plusHours(2));
        stream.advance(SessionTracker.SWEEP_INTERVAL);

        assertThat(stream.session(node.allocationId(1))).isNull();
        try (KeyValueIterator<byte[], byte[]> left = stream.store(Stores.SESSION_INDEX).all()) {
            assertThat(left).isExhausted();
        }
    }

    @Test
    void anEndedAllocationIsForgottenAfterAWeek() {
        create(1, "acme", "al");
        end(1, "acme", "al", EndReason.CLIENT_RELEASED);
        stream.advance(Stores.ENDED_RETENTION.minusHours(1));
        assertThat(stream.session(node.allocationId(1))).isNotNull();

        stream.advance(Duration.ofHours(2));
        stream.advance(SessionTracker.SWEEP_INTERVAL);
        assertThat(stream.session(node.allocationId(1))).isNull();
    }

    @Test
    void aCorruptRecordGoesToTheDeadLettersWithItsBytesAndTheStreamGoesOn() {
        byte[] corrupt = "not a record".getBytes(StandardCharsets.UTF_8);
        stream.sendBytes(Topic.BANDWIDTH, "x", corrupt);
        UsageSnapshot good = node.snapshot(1, at(0), at(10), "acme", "al", 1_000);
        send(good);

        assertThat(stream.deadLetters()).singleElement().satisfies(letter -> {
            assertThat(letter.value()).isEqualTo(corrupt);
            assertThat(letter.key()).isEqualTo("x");
            assertThat(header(letter.headers(), "turnpike.dlq.reason")).isEqualTo("unreadable");
            assertThat(header(letter.headers(), "__streams.errors.topic")).isEqualTo("turnpike.bandwidth");
        });
        assertThat(sum(stream.user(Bucket.DAY, "acme", "al"))).isEqualTo(Traffic.of(good));
    }

    @Test
    void aRecordInTheWrongTopicGoesToTheDeadLetters() {
        stream.send(Topic.BANDWIDTH, "x", node.status(START, NodeState.SERVING));

        assertThat(stream.deadLetters()).singleElement().satisfies(letter -> assertThat(
                header(letter.headers(), "__streams.errors.message")).contains("unexpected NodeStatus"));
    }

    @Test
    void aRecordThatCannotBeTrueGoesToTheDeadLettersAndChangesNothing() {
        send(node.snapshot(1, at(0), at(10), "acme", "al", -5));
        send(node.snapshot(2, at(0), at(10), "No Tenant", "al", 5));
        send(node.snapshot(3, at(0), at(10), "acme", "al", Long.MAX_VALUE / 2));
        stream.flush();

        assertThat(stream.deadLetters()).hasSize(3).allSatisfy(letter -> {
            assertThat(header(letter.headers(), "turnpike.dlq.reason")).isEqualTo("nonsense");
            assertThat(letter.value()).isNotEmpty();
        });
        assertThat(stream.session(node.allocationId(1))).isNull();
        assertThat(stream.tenant(Bucket.DAY, "")).isEmpty();
    }

    @Test
    void aRecordUnderAnotherKeyIsPutAsideBecauseItsAllocationIsCountedOnAnotherPartition() {
        UsageSnapshot snapshot = node.snapshot(1, at(0), at(10), "acme", "al", 500);
        send(snapshot);
        stream.send(Topic.BANDWIDTH, "elsewhere", node.snapshot(1, at(10), at(20), "acme", "al", 900));
        stream.send(Topic.BANDWIDTH, null, node.snapshot(1, at(10), at(20), "acme", "al", 900));
        stream.send(Topic.NODE, "relay-9", node.status(START, NodeState.SERVING));
        stream.flush();

        assertThat(stream.deadLetters()).hasSize(3);
        assertThat(stream.billedTenant("acme")).isEqualTo(2 * 520);
        assertThat(stream.node("relay-1")).isNull();
    }

    @Test
    void aRecordThatWouldMakeARowTooLargeForKafkaIsPutAside() {
        Map<String, Long> reasons = new HashMap<>();
        for (int i = 0; i < 65; i++) {
            reasons.put("REASON_" + i, 1L);
        }
        send(UsageSnapshot.newBuilder(node.snapshot(1, at(0), at(10), "acme", "al", 5)).setDroppedPackets(reasons)
                .build());
        send(UsageSnapshot.newBuilder(node.snapshot(1, at(0), at(10), "acme", "al", 5))
                .setAllocationId("a".repeat(129)).build());
        NodeStatus status = node.status(START, NodeState.SERVING);
        status.setVersion("v".repeat(300_000));
        stream.send(Topic.NODE, "relay-1", status);
        stream.send(Topic.ALLOCATION, "", node.authFailed(at(2), "acme", Long.MAX_VALUE));
        stream.send(Topic.ALLOCATION, "", node.rejected(at(2), "acme", "al", 1_000_000));

        assertThat(stream.deadLetters()).hasSize(5).allSatisfy(letter -> assertThat(
                header(letter.headers(), "turnpike.dlq.reason")).isEqualTo("nonsense"));
    }

    @Test
    void changingReasonsOfDropsDoNotMakeAnAllocationGrowForEver() {
        for (int i = 0; i < 10; i++) {
            Map<String, Long> reasons = new HashMap<>();
            for (int j = 0; j < 50; j++) {
                reasons.put("REASON_" + i + "_" + j, 1L);
            }
            send(UsageSnapshot.newBuilder(node.snapshot(1, at(i), at(i + 1), "acme", "al", i))
                    .setDroppedPackets(reasons).build());
        }
        assertThat(stream.session(node.allocationId(1)).getDroppedPackets()).hasSize(64);
    }

    @Test
    void aGapOfTenWeeksLosesNoByte() {
        send(node.snapshot(1, START.minus(Duration.ofDays(60)), START.minus(Duration.ofDays(60)), "acme", "al", 7));
        stream.advance(Duration.ofDays(34));
        long bytes = (1L << 49) + 12_345;
        send(node.snapshot(1, stream.now(), stream.now(), "acme", "al", bytes));
        stream.flush();

        assertThat(StreamHarness.sum(stream.user(Bucket.DAY, "acme", "al")).totals().getRelayToPeer().getWireBytes())
                .isEqualTo(bytes);
        assertThat(stream.user(Bucket.DAY, "acme", "al").values())
                .allMatch(part -> part.totals().getRelayToPeer().getWireBytes() >= 0);
        assertThat(StreamHarness.sum(stream.tenant(Bucket.DAY, "acme")).totals().getRelayToPeer().getWireBytes())
                .isEqualTo(bytes);
    }

    @Test
    void billsWhatTheAllocationsRuleNames() {
        UsageSnapshot both = node.snapshot(1, at(0), at(10), "acme", "al", 1_000);
        UsageSnapshot egress = node.snapshot(2, at(0), at(10), "acme", "bo", 1_000);
        egress.setBillableRule(BillableRule.EGRESS_ONLY);
        send(both);
        send(egress);
        stream.flush();

        long al = both.getClientToRelay().getWireBytes() + both.getRelayToClient().getWireBytes();
        long bo = egress.getRelayToPeer().getWireBytes() + egress.getRelayToClient().getWireBytes();
        assertThat(bo).isNotEqualTo(al);
        assertThat(stream.billedUser("acme", "al")).isEqualTo(al);
        assertThat(stream.billedUser("acme", "bo")).isEqualTo(bo);
        assertThat(stream.billedTenant("acme")).isEqualTo(al + bo);
    }

    private void end(int counter, String tenantId, String userId, EndReason reason) {
        stream.send(Topic.ALLOCATION, node.allocationId(counter),
                node.ended(counter, at(20), tenantId, userId, reason));
    }

    private void heartbeat(Events from) {
        stream.send(Topic.NODE, "relay-1", from.status(stream.now(), NodeState.SERVING));
    }

    private long keys(String store, char family) {
        long count = 0;
        try (KeyValueIterator<byte[], byte[]> all = stream.store(store).all()) {
            while (all.hasNext()) {
                count += all.next().key[0] == family ? 1 : 0;
            }
        }
        return count;
    }

    private static String header(Headers headers, String name) {
        return new String(headers.lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private static Instant at(long seconds) {
        return START.plusSeconds(seconds);
    }
}
