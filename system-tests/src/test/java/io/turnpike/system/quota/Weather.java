package io.turnpike.system.quota;

import io.turnpike.control.v1.OnControlLoss;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What a seed makes of a run: its size and its faults. A fault that is in it strikes again and again, after pauses of a
 * random length around its mean.
 *
 * @param nodes node names
 * @param loops event loops of each node
 * @param reportInterval time between reports of a node
 * @param faultsLast how long the faults last
 * @param untilRoll from the start to the end of the day and month
 * @param hardByDefault whether a tenant without a policy has a hard quota
 * @param onControlLoss what every policy says of lost control
 * @param graceBytes of a node in a period, under SAFE_RATE
 * @param tailPercent share of each volume that is its tail reserve
 * @param loss share of reports that are lost
 * @param doubled share of reports that come twice
 * @param late share of messages that come very late
 * @param latest how late
 * @param staleGrants share of readings that bring an old grant again, or a new one early
 * @param pauses mean time between two faults of a kind, for each kind that happens
 */
record Weather(int nodes, int loops, Duration reportInterval, Duration faultsLast, Duration untilRoll,
        boolean hardByDefault, OnControlLoss onControlLoss, long graceBytes, int tailPercent, double loss,
        double doubled, double late, Duration latest,
        double staleGrants,
        Map<Fault, Duration> pauses) {
    /** Kinds of faults, with the share of runs that know them and the mean pause between two, in seconds. */
    enum Fault {
        // @formatter:off
        KILL_NODE(0.4, 120),
        STOP_NODE(0.4, 150),
        TWIN(0.25, 300),
        SUSPEND_NODE(0.35, 120),
        NODE_CLOCK(0.3, 100),
        LINK_DOWN(0.4, 80),
        READ_AGAIN(0.4, 90),
        KILL_LEDGER(0.5, 60),
        LOSE_STORE(0.3, 150),
        LEDGER_CLOCK(0.25, 150),
        VOLUME(0.8, 70),
        SWITCH_OFF(0.3, 120),
        OTHER_PERIOD(0.15, 250),
        DELETE_TENANT(0.15, 200),
        COMPACT(0.6, 60),
        STALL_LOOP(0.3, 60),
        LONG_NIGHT(0.1, 400),
        DISK_FULL(0.2, 120),
        DISK_DAMAGED(0.15, 200),
        UNCLEAN_ELECTION(0.05, 300);
        // @formatter:on

        private final double share;
        private final int pauseSeconds;

        Fault(double share, int pauseSeconds) {
            this.share = share;
            this.pauseSeconds = pauseSeconds;
        }
    }

    private static final List<OnControlLoss> ACTIONS = List.of(OnControlLoss.STOP, OnControlLoss.STOP,
            OnControlLoss.SAFE_RATE, OnControlLoss.ALLOW);

    static Weather of(Random random) {
        Map<Fault, Duration> pauses = new EnumMap<>(Fault.class);
        for (Fault fault : Fault.values()) {
            if (random.nextDouble() < fault.share) {
                pauses.put(fault, Duration.ofMillis((long) (fault.pauseSeconds * (500 + random.nextInt(1_000)))));
            }
        }
        int faultSeconds = 120 + random.nextInt(240);
        Duration untilRoll = random.nextInt(3) == 0
                ? Duration.ofSeconds(20 + random.nextInt(faultSeconds - 20))
                : Duration.ofHours(11);
        boolean lossy = random.nextInt(4) != 0;
        return new Weather(1 + random.nextInt(3), 1 + random.nextInt(3), Duration.ofSeconds(1 + random.nextInt(3)),
                Duration.ofSeconds(faultSeconds), untilRoll, random.nextInt(3) == 0,
                ACTIONS.get(random.nextInt(ACTIONS.size())), 1L << 16 + random.nextInt(5),
                random.nextBoolean() ? random.nextInt(5) : 0, lossy ? random.nextDouble() * 0.4 : 0,
                lossy ? random.nextDouble() * 0.3 : 0,
                lossy ? random.nextDouble() * 0.2 : 0, Duration.ofSeconds(1 + random.nextInt(300)),
                random.nextBoolean() ? random.nextDouble() * 0.3 : 0, pauses);
    }

    boolean has(Fault fault) {
        return pauses.containsKey(fault);
    }
}
