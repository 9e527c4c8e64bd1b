package io.turnpike.benchmarks.queries;

import io.turnpike.benchmarks.EventWriter;
import io.turnpike.contract.Topic;
import io.turnpike.events.v1.DirectionCounters;
import io.turnpike.events.v1.EventHeader;
import io.turnpike.events.v1.UsageSnapshot;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Usage of many users, one allocation each: two snapshots of everybody, and one for every minute of the last hour of some,
 * about whom questions are asked. Nine of ten users are one tenant's.
 */
final class ManyUsers implements AutoCloseable {
    static final String LARGE = "large";
    /** Users with a full last hour. */
    static final int ACTIVE = 240;
    private static final int MINUTES = 60;
    private static final int SMALL_TENANTS = 50;
    private static final int LARGE_OF = 10;
    private static final int WIRE_PER_DATAGRAM = 1_000;

    private final EventWriter writer;
    private final int users;
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final AtomicLong seq = new AtomicLong();
    private final Random random = new Random(11);
    private final long[] bytes;
    private final ScheduledExecutorService trickle = Executors.newSingleThreadScheduledExecutor();

    ManyUsers(String bootstrapServers, int users) {
        this.users = users;
        this.bytes = new long[users];
        this.writer = new EventWriter(bootstrapServers);
    }

    /** A user about whom questions are asked, 0 to {@link #ACTIVE}. */
    static String activeUser(int index) {
        return user(index * LARGE_OF + 1);
    }

    /** Sends everything; returns when the broker has it. */
    void send() throws IOException {
        for (int minute = MINUTES; minute > 0; minute--) {
            for (int index = 0; index < ACTIVE && index * LARGE_OF + 1 < users; index++) {
                snapshot(index * LARGE_OF + 1, now.minusSeconds(60L * minute), now.minusSeconds(60L * minute - 60));
            }
        }
        for (int user = 0; user < users; user++) {
            boolean isActive = user % LARGE_OF == 1 && user / LARGE_OF < ACTIVE;
            if (!isActive) {
                snapshot(user, now.minusSeconds(120), now.minusSeconds(60));
                snapshot(user, now.minusSeconds(60), now);
            }
        }
        writer.flush();
    }

    /** One more snapshot of everybody; returns when the broker has them. */
    void sendAgain() throws IOException {
        Instant at = Instant.now();
        for (int user = 0; user < users; user++) {
            snapshot(user, at.minusSeconds(10), at);
        }
        writer.flush();
    }

    int users() {
        return users;
    }

    /** Both directions of all clients' legs. */
    long billableBytes() {
        long sum = 0;
        for (long each : bytes) {
            sum += 2 * each;
        }
        return sum;
    }

    /** Goes on at a rate until it is closed. */
    void goOn(int recordsPerSecond) {
        if (recordsPerSecond > 0) {
            trickle.scheduleAtFixedRate(() -> {
                Instant at = Instant.now();
                snapshot(random.nextInt(users), at.minusSeconds(10), at);
            }, 0, TimeUnit.SECONDS.toNanos(1) / recordsPerSecond, TimeUnit.NANOSECONDS);
        }
    }

    private static String user(int user) {
        return "user-" + user;
    }

    private static String tenant(int user) {
        return user % LARGE_OF == 0 ? "small-" + user / LARGE_OF % SMALL_TENANTS : LARGE;
    }

    private void snapshot(int user, Instant from, Instant at) {
        bytes[user] += 10_000 + random.nextInt(90_000);
        DirectionCounters counters = new DirectionCounters(bytes[user], bytes[user], bytes[user] / WIRE_PER_DATAGRAM);
        String allocation = "bench-1-" + user;
        UsageSnapshot snapshot = UsageSnapshot.newBuilder()
                .setHeader(new EventHeader("bench", 1L, seq.getAndIncrement(), at, tenant(user), user(user)))
                .setAllocationId(allocation).setAllocationSeq(1).setIntervalStart(from).setClientToRelay(counters)
                .setRelayToPeer(counters).setPeerToRelay(counters).setRelayToClient(counters)
                .setDroppedPackets(Map.of()).build();
        writer.send(Topic.BANDWIDTH, allocation, snapshot);
    }

    @Override
    public void close() {
        trickle.shutdown();
        try {
            trickle.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        writer.close();
    }
}
