package io.turnpike.system.quota;

import static io.turnpike.system.quota.Invariant.require;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.telemetry.ledger.QuotaAccount;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the quota must be good for when nothing is wrong: its whole volume, each user's, and the next period. */
final class Usability {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;
    private static final long MIB = 1024 * 1024;
    private static final long AMPLE = 1L << 40;
    /** What one call that sends all that it can sends in a second, at least. */
    private static final long SENT_IN_A_SECOND = 100 * 1024;

    private final Simulation world;

    Usability(Simulation world) {
        this.world = world;
    }

    /** All nodes have traffic: nearly all of the volume must be usable, but what the dead hold. */
    void useEverything() {
        world.demandEverything();
        world.operator.beHard();
        world.operator.limitUsers(world.hasUserQuotas ? AMPLE : null);
        world.operator.putTenant();
        world.operator.putQuota(0);
        world.agenda.runFor(5 * SECOND);
        String period = world.witness.period().map(QuotaPeriod::id).orElseThrow();
        long beforeTail = world.witness.facts().chargeOf(period) + 2 * MIB + world.upTo(2 * MIB);
        world.operator.putQuota(beforeTail / (100 - world.weather.tailPercent()) * 100 + 100);
        if (world.witness.grantsWereLost()) {
            world.agenda.runFor(20 * SECOND);
            return;
        }
        Map<String, Long> before = new TreeMap<>();
        world.nodes.forEach(node -> before.put(node.name(), node.tally(period).boundBytes));
        world.agenda.runFor(10 * SECOND);
        for (int second = 0; second < 120 && usedOf(period) < enoughOf(); second++) {
            world.agenda.runFor(SECOND);
        }
        require(usedOf(period) >= enoughOf(), Invariant.VOLUME_IS_USABLE, () -> usedOf(period) + " of "
                + world.witness.facts().policy.getVolumeBytes() + " in " + period
                + (world.faults.hasKilled() ? ", some died" : ""));
        world.nodes
                .forEach(node -> require(world.hasUserQuotas || node.tally(period).boundBytes > before.get(node.name()),
                        Invariant.VOLUME_IS_USABLE, () -> node.name() + " got nothing"));
    }

    /** Whoever has traffic gets nearly all of his volume, while the tenant's lasts. */
    void useUpUsers() {
        String period = world.witness.period().map(QuotaPeriod::id).orElseThrow();
        Map<String, String> periods = new TreeMap<>();
        for (String user : List.of("al", "bo")) {
            world.witness.users().periodOf(user)
                    .filter(id -> world.nodes.stream().anyMatch(node -> node.traffic.hasCallOf(user)))
                    .ifPresent(id -> periods.put(user, id));
        }
        long volume = MIB;
        for (Map.Entry<String, String> user : periods.entrySet()) {
            volume = Math.max(volume, world.witness.users().accounts().chargeOf(user.getKey(), user.getValue()) + MIB);
        }
        world.operator.limitUsers(volume);
        world.operator.putQuota(world.witness.facts().chargeOf(period) + 4 * volume + 64 * MIB);
        world.agenda.runFor(3 * SECOND);
        long enough = (volume - volume / 100 * world.weather.tailPercent()) / 100 * 99;
        long longest = 120 + secondsToSend(periods, enough);
        for (int second = 0; second < longest && areShort(periods, enough); second++) {
            world.agenda.runFor(SECOND);
        }
        require(!areShort(periods, enough), Invariant.VOLUME_IS_USABLE,
                () -> "users got less than " + enough + " in " + periods);
        world.operator.limitUsers(AMPLE);
    }

    /** One user may have gone on by far more than the other under ALLOW, and the volume is the same for both. */
    private long secondsToSend(Map<String, String> periods, long enough) {
        return periods.entrySet().stream()
                .mapToLong(user -> enough - world.witness.users().usedOf(user.getKey(), user.getValue())).max()
                .orElse(0) / SENT_IN_A_SECOND;
    }

    /** Whether a user whose period still runs has used less. */
    private boolean areShort(Map<String, String> periods, long enough) {
        return periods.entrySet().stream()
                .anyMatch(user -> world.witness.users().periodOf(user.getKey()).equals(Optional.of(user.getValue()))
                        && world.witness.users().usedOf(user.getKey(), user.getValue()) < enough);
    }

    /** Of the tail nothing is asked for: how much of it is used depends on how long allocations trickle. */
    private long enoughOf() {
        long volume = world.witness.facts().policy.getVolumeBytes();
        return (volume - volume / 100 * world.weather.tailPercent()) / 100 * 99;
    }

    /** What living processes have sent, and what all others are charged with. */
    private long usedOf(String periodId) {
        Map<String, SimulatedNode> alive = new TreeMap<>();
        world.nodes.forEach(node -> alive.put(node.name(), node));
        long used = 0;
        for (QuotaAccount account : world.witness.facts().accounts.values()) {
            if (account.key().periodId().equals(periodId)) {
                SimulatedNode node = account.closed() ? null : alive.get(Witness.processOf(account));
                used += node == null ? Witness.chargeOf(account) : node.spentBytes(periodId);
            }
        }
        return used;
    }

    /** The clock goes to seven minutes before the end of the period; nobody may stop at it. */
    void passIntoTheNextPeriod() {
        QuotaPeriod period = world.witness.period().orElseThrow();
        world.operator.putQuota(world.witness.facts().policy.getVolumeBytes() + 8 * MIB);
        world.demandLittle();
        world.agenda.runFor(2 * SECOND);
        long ahead = Duration.between(Instant.ofEpochSecond(0, world.wallNanos()), period.end()).toNanos()
                - 420 * SECOND;
        if (ahead < 0) {
            return;
        }
        world.passTime(Duration.ofNanos(ahead));
        world.agenda.runFor(418 * SECOND);
        for (SimulatedNode node : world.nodes) {
            require(!node.traffic.hasCalls() || node.books.entries().stream().anyMatch(
                    entry -> entry.periodId().compareTo(period.id()) > 0 && entry.unspentBytes() > 0),
                    Invariant.GRANTED_AHEAD, () -> node.name() + " has nothing for the time after " + period.id());
        }
        world.agenda.runFor(10 * SECOND);
    }
}
