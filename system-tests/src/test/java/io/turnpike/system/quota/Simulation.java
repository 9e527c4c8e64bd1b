package io.turnpike.system.quota;

import io.turnpike.node.event.NodeIdentity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * One run: a ledger and a few nodes, first with the faults of the seed's {@link Weather}, then without, until all the volume
 * is used, everybody rests, and everybody has stopped. Everything is drawn from the seed, and one thread does it all.
 */
final class Simulation {
    static final String TENANT = "acme";
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;
    private static final Instant MIDNIGHT = Instant.parse("2026-12-01T00:00:00Z");

    final Random random;
    /** Draws what only concerns users' quotas, which a third of the runs has. */
    final Random userRandom;
    final boolean hasUserQuotas;
    final Weather weather;
    final Agenda agenda = new Agenda();
    final History history;
    final ControlLog control = new ControlLog();
    final Operator operator;
    final Faults faults = new Faults(this);
    final Witness witness;
    final ShareWitness shareWitness;
    final SimulatedLedger ledger;
    /** Every process that ever was. */
    final List<SimulatedNode> processes = new ArrayList<>();
    /** Those that live. */
    final List<SimulatedNode> nodes = new ArrayList<>();
    private final Map<String, Long> epochs = new TreeMap<>();
    private final Map<String, SimulatedSpendDisk> disks = new TreeMap<>();
    private long wallOffsetNanos;
    private long calmSinceNanos = -1;
    private boolean usingEverything;
    private boolean demand = true;

    Simulation(long seed, boolean keepHistory) {
        random = new Random(seed * 0x9E3779B97F4A7C15L + 1);
        userRandom = new Random(seed * 0x9E3779B97F4A7C15L + 2);
        hasUserQuotas = Math.floorMod(seed, 3L) == 1;
        weather = Weather.of(random);
        history = new History(agenda, keepHistory);
        history.note(() -> "seed " + seed + ' ' + weather);
        Instant start = MIDNIGHT.minus(weather.untilRoll());
        wallOffsetNanos = start.getEpochSecond() * SECOND;
        operator = new Operator(this);
        witness = new Witness(this, operator.defaultPolicy());
        shareWitness = new ShareWitness(this, operator.defaultPolicy());
        ledger = new SimulatedLedger(this, operator.defaultPolicy());
    }

    /** Runs it all. */
    void run() {
        ledger.start();
        for (int i = 1; i <= weather.nodes(); i++) {
            startProcess("r" + i);
        }
        if (!weather.hardByDefault() || random.nextBoolean()) {
            operator.putTenant();
            operator.beHard();
            operator.putSomeQuota();
        }
        faults.begin();
        agenda.runFor(weather.faultsLast().toNanos());
        faults.heal();
        agenda.runFor(5 * SECOND);
        Usability usability = new Usability(this);
        usability.useEverything();
        if (hasUserQuotas && !witness.grantsWereLost()) {
            usability.useUpUsers();
        }
        if (weather.faultsLast().toSeconds() % 8 == 0 && !witness.grantsWereLost()
                && !weather.has(Weather.Fault.OTHER_PERIOD)) {
            usability.passIntoTheNextPeriod();
        }
        EndState end = new EndState(this);
        end.rest();
        end.stopAll();
    }

    // What the parts need to know

    long upTo(long bound) {
        return (long) (random.nextDouble() * bound);
    }

    long wallNanos() {
        return wallOffsetNanos + agenda.nowNanos();
    }

    /** The clocks of all go ahead, and nothing happens in between. */
    void passTime(Duration time) {
        wallOffsetNanos += time.toNanos();
    }

    /** The faults are over. */
    void calmDown() {
        calmSinceNanos = agenda.nowNanos();
    }

    boolean calm() {
        return calmSinceNanos >= 0;
    }

    /** How long the faults are over. */
    long calmNanos() {
        return calm() ? agenda.nowNanos() - calmSinceNanos : -1;
    }

    /** Everybody calls, and sends as much as he can. */
    void demandEverything() {
        demand = true;
        usingEverything = true;
    }

    /** Everybody calls, and sends now and then. */
    void demandLittle() {
        usingEverything = false;
    }

    /** Nobody calls any more. */
    void demandNothing() {
        demand = false;
        usingEverything = false;
    }

    boolean isUsingEverything() {
        return usingEverything;
    }

    /** One of two users; the same one where users have no quotas and the volume alone counts. */
    String someUser() {
        if (hasUserQuotas) {
            return userRandom.nextBoolean() ? "bo" : "al";
        }
        return calm() || random.nextBoolean() ? "al" : "bea";
    }

    boolean hasDemand() {
        return demand;
    }

    /** Runs a step of the product; what it throws is a finding. */
    void guarded(Supplier<String> what, Runnable step) {
        history.note(what);
        try {
            step.run();
        } catch (InvariantBroken e) {
            throw e;
        } catch (RuntimeException e) {
            InvariantBroken broken = new InvariantBroken(Invariant.NO_EXCEPTION, what.get() + ": " + e);
            broken.initCause(e);
            throw broken;
        }
    }

    long delayNanos() {
        return !calm() && random.nextDouble() < weather.late()
                ? upTo(weather.latest().toNanos())
                : upTo(40 * MILLI);
    }

    /** Brings a report to the ledger's topic, or not, or twice, now or in minutes. */
    void carry(SimulatedNode from, byte[] report) {
        if (!calm() && random.nextDouble() < weather.loss()) {
            history.note(() -> "a report of " + from.name() + " is lost");
            return;
        }
        agenda.in(delayNanos(), () -> ledger.report(report));
        if (!calm() && random.nextDouble() < weather.doubled()) {
            agenda.in(delayNanos(), () -> ledger.report(report));
        }
    }

    /** Does it later, unless the faults are over by then. */
    void later(long delayNanos, Runnable task) {
        agenda.in(delayNanos, () -> {
            if (!calm()) {
                task.run();
            }
        });
    }

    // Nodes

    void startProcess(String nodeId) {
        startProcess(nodeId, false, false);
    }

    void startProcess(String nodeId, boolean sameName, boolean sameEpoch) {
        long epoch = epochs.merge(nodeId, sameEpoch ? 0L : 1 + upTo(3), Long::sum);
        NodeIdentity identity = new NodeIdentity(nodeId, Math.max(1, epoch), random.nextLong());
        epochs.put(nodeId, identity.epoch());
        if (sameName || disks.get(nodeId) == null || !disks.get(nodeId).isFree()) {
            disks.put(nodeId, new SimulatedSpendDisk(this));
        }
        SimulatedNode node = new SimulatedNode(this, identity, operator.nodePolicy(), disks.get(nodeId));
        processes.add(node);
        nodes.add(node);
        history.note(() -> node.name() + " starts");
        node.start();
    }

    /** Also those of nodes that are down and will be started on them. */
    void healDisks() {
        disks.values().forEach(SimulatedSpendDisk::heal);
    }

    /** One that lives, or null. */
    SimulatedNode anyNode() {
        nodes.removeIf(node -> !node.isAlive());
        return nodes.isEmpty() ? null : nodes.get(random.nextInt(nodes.size()));
    }
}
