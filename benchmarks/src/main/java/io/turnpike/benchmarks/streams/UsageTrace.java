package io.turnpike.benchmarks.streams;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.contract.UserKey;
import io.turnpike.events.v1.AddressFamily;
import io.turnpike.events.v1.AllocationEvent;
import io.turnpike.events.v1.AllocationEventKind;
import io.turnpike.events.v1.ClientTransport;
import io.turnpike.events.v1.DirectionCounters;
import io.turnpike.events.v1.EndReason;
import io.turnpike.events.v1.EventHeader;
import io.turnpike.events.v1.Milestone;
import io.turnpike.events.v1.MilestoneEvent;
import io.turnpike.events.v1.PeerClass;
import io.turnpike.events.v1.PermissionEvent;
import io.turnpike.events.v1.PermissionEventKind;
import io.turnpike.events.v1.RelayTransport;
import io.turnpike.events.v1.UsageSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.avro.specific.SpecificRecord;

/**
 * What the relays of a busy cluster say, made from a seed: allocations that come, report every ten seconds while their
 * counters grow, and go; and what each user used in truth. Two allocations per user are live at any time, half of the
 * users are one tenant's. Times advance with the records, at the pace at which so many allocations report. Confined to
 * one thread.
 */
public final class UsageTrace {
    /** How often a live allocation reports. */
    public static final Duration REPORT_INTERVAL = Duration.ofSeconds(10);
    /** The tenant of every other user. */
    public static final String LARGEST_TENANT = "tenant-0";

    private static final int TENANTS = 100;
    private static final int NODES = 8;
    private static final int LIVE_PER_USER = 2;
    private static final int SNAPSHOTS = 30;
    /** CREATED, CHANNEL and MEDIA_BOTH_WAYS before the snapshots, ENDED behind them. */
    private static final int STEPS = SNAPSHOTS + 4;
    private static final long MOST_BYTES_PER_REPORT = 2_000_000;
    private static final int MILLION = 1_000_000;

    static {
        RecordCodec.prepareAvro();
    }

    private final SplittableRandom random;
    private final int users;
    private final Call[] live;
    private final long[] nodeSeq = new long[NODES];
    private final Map<String, long[]> truth = new HashMap<>();
    private final Instant begin;
    private final long epoch;
    private long records;
    private int allocations;

    /**
     * One record as a relay publishes it.
     *
     * @param topic where it goes
     * @param key the allocation
     * @param value the record
     */
    public record Event(Topic topic, String key, SpecificRecord value) {}

    private static final class Call {
        private String allocationId;
        private String tenant;
        private String user;
        private int node;
        private int step;
        private Instant since;
        private final long[] bytes = new long[2]; // payload from the client, payload to the client
        private final long[] packets = new long[2];
    }

    /**
     * A trace.
     *
     * @param seed the same seed makes the same trace
     * @param users how many users there are, at least 1
     * @param begin time of the first record
     * @param epoch epoch of the nodes, which makes the allocations of two traces differ
     */
    public UsageTrace(long seed, int users, Instant begin, long epoch) {
        this.random = new SplittableRandom(seed);
        this.users = users;
        this.begin = begin;
        this.epoch = epoch;
        live = new Call[LIVE_PER_USER * users];
    }

    /** The user's tenant. */
    public static String tenantOf(int user) {
        return user % 2 == 0 ? LARGEST_TENANT : "tenant-" + (1 + user / 2 % (TENANTS - 1));
    }

    /** The next record. */
    public Event next() {
        int slot = (int) (records % live.length);
        if (live[slot] == null) {
            live[slot] = call();
            live[slot].step = random.nextInt(STEPS); // as if some had begun before the trace
        } else if (live[slot].step == STEPS) {
            live[slot] = call();
        }
        Instant now = now();
        Event event = event(live[slot], now);
        live[slot].step++;
        records++;
        return event;
    }

    /** Time of the next record. */
    public Instant now() {
        return begin.plusNanos(records * REPORT_INTERVAL.toNanos() / live.length);
    }

    /**
     * What was counted of each user over all records so far, by {@link UserKey}: the twelve counters in the order of the
     * schema, directions first.
     */
    public Map<String, long[]> truth() {
        return truth;
    }

    /** Billable bytes of a counter of {@link #truth}, both directions of the client's leg. */
    public static long billableBytes(long[] counters) {
        return counters[0] + counters[9];
    }

    private Call call() {
        Call call = new Call();
        int user = random.nextInt(users);
        call.tenant = tenantOf(user);
        call.user = "user-" + user;
        call.node = random.nextInt(NODES);
        call.allocationId = nodeId(call) + '-' + epoch + '-' + allocations++;
        call.since = now();
        return call;
    }

    private Event event(Call call, Instant now) {
        return switch (call.step) {
            case 0 -> created(call, now);
            case 1 -> new Event(Topic.ALLOCATION, call.allocationId, new PermissionEvent(header(call, now),
                    call.allocationId, call.step, PermissionEventKind.CHANNEL, PeerClass.PUBLIC, 0x4000, 0));
            case 2 -> new Event(Topic.ALLOCATION, call.allocationId, new MilestoneEvent(header(call, now),
                    call.allocationId, call.step, Milestone.MEDIA_BOTH_WAYS, 250));
            case STEPS - 1 -> ended(call, now);
            default -> snapshot(call, now);
        };
    }

    private Event snapshot(Call call, Instant now) {
        long[] counters = truth.computeIfAbsent(new UserKey(call.tenant, call.user).text(), key -> new long[12]);
        DirectionCounters[] directions = new DirectionCounters[4];
        for (int way = 0; way < 2; way++) {
            long bytes = random.nextLong(MOST_BYTES_PER_REPORT);
            long packets = bytes / 1_000 + 1;
            call.bytes[way] += bytes;
            call.packets[way] += packets;
            // The client's leg has four bytes of ChannelData around each packet.
            int clientLeg = way == 0 ? 0 : 3;
            int peerLeg = way == 0 ? 1 : 2;
            directions[clientLeg] = new DirectionCounters(call.bytes[way] + 4 * call.packets[way], call.bytes[way],
                    call.packets[way]);
            directions[peerLeg] = new DirectionCounters(call.bytes[way], call.bytes[way], call.packets[way]);
            add(counters, clientLeg, bytes + 4 * packets, bytes, packets);
            add(counters, peerLeg, bytes, bytes, packets);
        }
        UsageSnapshot snapshot = UsageSnapshot.newBuilder().setHeader(header(call, now))
                .setAllocationId(call.allocationId).setAllocationSeq(call.step).setIntervalStart(call.since)
                .setClientToRelay(directions[0]).setRelayToPeer(directions[1]).setPeerToRelay(directions[2])
                .setRelayToClient(directions[3]).setPeers(1).setFinalSnapshot(call.step == STEPS - 2).build();
        call.since = now;
        return new Event(Topic.BANDWIDTH, call.allocationId, snapshot);
    }

    private static void add(long[] counters, int direction, long wireBytes, long payloadBytes, long packets) {
        counters[3 * direction] += wireBytes;
        counters[3 * direction + 1] += payloadBytes;
        counters[3 * direction + 2] += packets;
    }

    private Event created(Call call, Instant now) {
        return new Event(Topic.ALLOCATION, call.allocationId,
                lifecycle(call, now, AllocationEventKind.CREATED).setClientPrefix("192.0.2.0/24")
                        .setSoftware("Chrome").setLifetimeSeconds(600).build());
    }

    private Event ended(Call call, Instant now) {
        return new Event(Topic.ALLOCATION, call.allocationId, lifecycle(call, now, AllocationEventKind.ENDED)
                .setEndReason(EndReason.CLIENT_RELEASED).build());
    }

    private AllocationEvent.Builder lifecycle(Call call, Instant now, AllocationEventKind kind) {
        return AllocationEvent.newBuilder().setHeader(header(call, now)).setAllocationId(call.allocationId)
                .setAllocationSeq(call.step).setKind(kind).setTransport(ClientTransport.UDP)
                .setRelayFamily(AddressFamily.IPV4).setRelayTransport(RelayTransport.UDP);
    }

    private EventHeader header(Call call, Instant now) {
        long micros = now.getEpochSecond() * MILLION + now.getNano() / 1_000;
        return new EventHeader(nodeId(call), epoch, nodeSeq[call.node]++,
                Instant.ofEpochSecond(micros / MILLION, micros % MILLION * 1_000), call.tenant, call.user);
    }

    private static String nodeId(Call call) {
        return "relay-" + (call.node + 1);
    }
}
