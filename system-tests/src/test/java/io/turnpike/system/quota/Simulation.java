package io.turnpike.system.quota;

import static io.turnpike.system.quota.Invariant.require;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.control.v1.BillableRule;
import io.turnpike.control.v1.ChannelNumbers;
import io.turnpike.control.v1.DeleteTenant;
import io.turnpike.control.v1.PutQuota;
import io.turnpike.control.v1.PutTenant;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.control.v1.TenantStatus;
import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.quota.NodeBooks;
import io.turnpike.node.quota.PeriodKind;
import io.turnpike.telemetry.ledger.QuotaAccount;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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
    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;
    private static final Instant MIDNIGHT = Instant.parse("2026-12-01T00:00:00Z");
    private static final List<String> ZONES = List.of("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata");
    private static final long SAFE_BITS_PER_SECOND = 400_000;
    /** What a clean stop may leave charged beyond what was sent: a slice and a datagram of each loop. */
    private static final long STRANDED_BY_A_LOOP = 64 * KIB + 8 * KIB;

    final Random random;
    /** Draws what only concerns users' quotas, which a third of the runs has. */
    private final Random userRandom;
    private final boolean hasUserQuotas;
    private Long userVolume;
    final Weather weather;
    final Agenda agenda = new Agenda();
    final History history;
    final ControlLog control = new ControlLog();
    final QuotaPolicy defaultPolicy;
    final Witness witness;
    final ShareWitness shareWitness;
    final SimulatedLedger ledger;
    /** Every process that ever was. */
    final List<SimulatedNode> processes = new ArrayList<>();
    /** Those that live. */
    final List<SimulatedNode> nodes = new ArrayList<>();
    private final Map<String, Long> epochs = new TreeMap<>();
    private final Map<String, SimulatedSpendDisk> disks = new TreeMap<>();
    private final QuotaPeriodKind periodKind;
    private boolean capped;
    private String zone = "UTC";
    private QuotaMode mode;
    private QuotaPeriodKind kind;
    private long wallOffsetNanos;
    private long calmSinceNanos = -1;
    private boolean usingEverything;
    private boolean demand = true;
    private boolean died;
    private int commands;

    Simulation(long seed, boolean keepHistory) {
        random = new Random(seed * 0x9E3779B97F4A7C15L + 1);
        userRandom = new Random(seed * 0x9E3779B97F4A7C15L + 2);
        hasUserQuotas = Math.floorMod(seed, 3L) == 1;
        weather = Weather.of(random);
        history = new History(agenda, keepHistory);
        history.note(() -> "seed " + seed + ' ' + weather);
        Instant start = MIDNIGHT.minus(weather.untilRoll());
        wallOffsetNanos = start.getEpochSecond() * SECOND;
        periodKind = random.nextBoolean() ? QuotaPeriodKind.DAY : QuotaPeriodKind.MONTH;
        kind = periodKind;
        mode = weather.hardByDefault() ? QuotaMode.HARD : QuotaMode.OFF;
        defaultPolicy = policy(0, mode, weather.hardByDefault() ? someVolume() : null);
        capped = random.nextBoolean();
        witness = new Witness(this, defaultPolicy);
        shareWitness = new ShareWitness(this, defaultPolicy);
        ledger = new SimulatedLedger(this, defaultPolicy);
    }

    /** Runs it all. */
    void run() {
        ledger.start();
        for (int i = 1; i <= weather.nodes(); i++) {
            startProcess("r" + i);
        }
        if (!weather.hardByDefault() || random.nextBoolean()) {
            command(putTenant());
            mode = QuotaMode.HARD;
            putQuota(someVolume());
        }
        for (Weather.Fault fault : weather.pauses().keySet()) {
            strikeLater(fault);
        }
        agenda.runFor(weather.faultsLast().toNanos());
        heal();
        agenda.runFor(5 * SECOND);
        useEverything();
        if (hasUserQuotas && !witness.grantsWereLost()) {
            useUpUsers();
        }
        if (weather.faultsLast().toSeconds() % 8 == 0 && !witness.grantsWereLost()
                && !weather.has(Weather.Fault.OTHER_PERIOD)) {
            passIntoTheNextPeriod();
        }
        rest();
        stopAll();
    }

    // What the parts need to know

    long upTo(long bound) {
        return (long) (random.nextDouble() * bound);
    }

    long wallNanos() {
        return wallOffsetNanos + agenda.nowNanos();
    }

    boolean calm() {
        return calmSinceNanos >= 0;
    }

    /** How long the faults are over. */
    long calmNanos() {
        return calm() ? agenda.nowNanos() - calmSinceNanos : -1;
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

    // Nodes

    private void startProcess(String nodeId) {
        startProcess(nodeId, false, false);
    }

    private void startProcess(String nodeId, boolean sameName, boolean sameEpoch) {
        long epoch = epochs.merge(nodeId, sameEpoch ? 0L : 1 + upTo(3), Long::sum);
        NodeIdentity identity = new NodeIdentity(nodeId, Math.max(1, epoch), random.nextLong());
        epochs.put(nodeId, identity.epoch());
        if (sameName || disks.get(nodeId) == null || !disks.get(nodeId).isFree()) {
            disks.put(nodeId, new SimulatedSpendDisk(this));
        }
        SimulatedNode node = new SimulatedNode(this, identity, nodePolicy(), disks.get(nodeId));
        processes.add(node);
        nodes.add(node);
        history.note(() -> node.name() + " starts");
        node.start();
    }

    private io.turnpike.node.quota.QuotaPolicy nodePolicy() {
        return new io.turnpike.node.quota.QuotaPolicy(0,
                weather.hardByDefault()
                        ? io.turnpike.node.quota.QuotaMode.HARD
                        : io.turnpike.node.quota.QuotaMode.OFF,
                periodKind == QuotaPeriodKind.DAY ? PeriodKind.DAY : PeriodKind.MONTH, ZoneId.of("UTC"),
                0, weather.hardByDefault() ? OptionalLong.of(defaultPolicy.getVolumeBytes()) : OptionalLong.empty(),
                OptionalLong.empty(), io.turnpike.node.quota.OnControlLoss.valueOf(weather.onControlLoss().name()),
                new io.turnpike.node.quota.SafeRate(SAFE_BITS_PER_SECOND, weather.graceBytes()));
    }

    private SimulatedNode anyNode() {
        nodes.removeIf(node -> !node.isAlive());
        return nodes.isEmpty() ? null : nodes.get(random.nextInt(nodes.size()));
    }

    // Policies

    private QuotaPolicy policy(long epoch, QuotaMode mode, QuotaPeriodKind kind, String zone, Long volume) {
        return QuotaPolicy.newBuilder().setTenantId(TENANT).setPolicyEpoch(epoch).setMode(mode).setPeriod(kind)
                .setTimeZone(zone).setVolumeBytes(volume).setUserVolumeBytes(userVolume)
                .setTailPercent(weather.tailPercent())
                .setRateBitsPerSecond(cap(64_000L + upTo(20_000_000)))
                .setMaxAllocations(cap(random.nextInt(8))).setMaxAllocationsPerUser(cap(random.nextInt(4)))
                .setOnControlLoss(weather.onControlLoss())
                .setSafeRateBitsPerSecond(SAFE_BITS_PER_SECOND).setGraceBytes(weather.graceBytes())
                .setUpdatedAt(Instant.EPOCH).build();
    }

    /** A cap in some runs, while there are faults; then the volume alone counts. */
    private <T> T cap(T value) {
        return capped && !calm() && random.nextInt(4) > 0 ? value : null;
    }

    private QuotaPolicy policy(long epoch, QuotaMode anyMode, Long volume) {
        return policy(epoch, anyMode, kind, zone, volume);
    }

    private long someVolume() {
        return switch (random.nextInt(4)) {
            case 0 -> upTo(256 * KIB);
            case 1 -> 256 * KIB + upTo(2 * MIB);
            default -> MIB + upTo(12 * MIB);
        };
    }

    private Long someUserVolume() {
        return switch (userRandom.nextInt(4)) {
            case 0 -> null;
            case 1 -> (long) (userRandom.nextDouble() * 128 * KIB);
            default -> 128 * KIB + (long) (userRandom.nextDouble() * 3 * MIB);
        };
    }

    private void putQuota(long volume) {
        if (hasUserQuotas && !calm()) {
            userVolume = someUserVolume();
        }
        history.note(() -> "put quota " + mode + " of " + volume + " per " + kind + " in " + zone);
        command(new PutQuota(policy(0, mode, volume)));
    }

    private static PutTenant putTenant() {
        return PutTenant.newBuilder().setDisplayName("Acme").setStatus(TenantStatus.ACTIVE)
                .setChannelNumbers(ChannelNumbers.RFC8656).setBillableRule(BillableRule.BOTH_DIRECTIONS).build();
    }

    private void command(Object action) {
        TenantCommand command = TenantCommand.newBuilder().setCommandId("c" + commands++).setTenantId(TENANT)
                .setActor("ops").setIssuedAt(Instant.EPOCH).setAction(action).build();
        ledger.command(command);
        if (!calm() && random.nextInt(4) == 0) {
            later(delayNanos(), () -> ledger.command(command));
        }
    }

    // Faults

    private void strikeLater(Weather.Fault fault) {
        long mean = weather.pauses().get(fault).toNanos();
        later(mean / 4 + upTo(mean * 3 / 2), () -> {
            strike(fault);
            strikeLater(fault);
        });
    }

    /** Does it later, unless the faults are over by then. */
    private void later(long delayNanos, Runnable task) {
        agenda.in(delayNanos, () -> {
            if (!calm()) {
                task.run();
            }
        });
    }

    private void strike(Weather.Fault fault) {
        SimulatedNode node = anyNode();
        switch (fault) {
            case KILL_LEDGER -> ledger.kill(false, upTo(30 * SECOND));
            case LOSE_STORE -> ledger.kill(true, upTo(20 * SECOND));
            case LEDGER_CLOCK -> ledger.setClock(upTo(240 * SECOND) - 120 * SECOND);
            case VOLUME -> putQuota(someVolume());
            case SWITCH_OFF -> {
                mode = mode == QuotaMode.OFF ? QuotaMode.HARD : QuotaMode.OFF;
                putQuota(someVolume());
            }
            case OTHER_PERIOD -> {
                kind = random.nextBoolean() ? QuotaPeriodKind.DAY : QuotaPeriodKind.MONTH;
                zone = ZONES.get(random.nextInt(ZONES.size()));
                putQuota(someVolume());
            }
            case DELETE_TENANT -> {
                command(DeleteTenant.newBuilder().build());
                later(upTo(20 * SECOND), () -> {
                    command(putTenant());
                    putQuota(someVolume());
                });
            }
            case COMPACT -> control.compact((int) upTo(control.size()));
            case LONG_NIGHT -> {
                wallOffsetNanos += Duration.ofDays(1 + random.nextInt(4)).toNanos();
                history.note(() -> "a night passes");
            }
            case UNCLEAN_ELECTION -> {
                witness.grantsAreLost();
                int lost = control.loseGrants(1 + random.nextInt(8));
                history.note(() -> lost + " grants are lost");
                ledger.kill(true, upTo(5 * SECOND));
            }
            default -> {
                if (node != null) {
                    strike(fault, node);
                }
            }
        }
    }

    private void strike(Weather.Fault fault, SimulatedNode node) {
        String nodeId = node.identity.nodeId();
        switch (fault) {
            case KILL_NODE -> {
                died = true;
                node.kill();
                later(upTo(20 * SECOND), () -> startProcess(nodeId));
            }
            case STOP_NODE -> {
                if (!node.isStopping()) {
                    node.stop();
                    later(upTo(40 * SECOND), () -> startProcess(nodeId));
                }
            }
            case TWIN -> startProcess(nodeId, true, random.nextBoolean());
            case DISK_FULL -> node.disk.failFor(upTo(60 * SECOND));
            case DISK_DAMAGED -> node.disk.damage();
            case SUSPEND_NODE -> node.suspendFor(upTo(100 * SECOND));
            case NODE_CLOCK -> node.setClock(upTo(240 * SECOND) - 120 * SECOND);
            case LINK_DOWN -> node.link.goDownFor(upTo((capped ? 150 : 60) * SECOND));
            case READ_AGAIN -> node.link.readAgain();
            case STALL_LOOP -> node.traffic.stallLoop(upTo(10 * SECOND));
            default -> throw new IllegalArgumentException(fault.toString());
        }
    }

    // The end

    /** No fault any more; operators have stopped those that have lost their name to a later process. */
    private void heal() {
        calmSinceNanos = agenda.nowNanos();
        history.note(() -> "the faults are over");
        ledger.setClock(0);
        ledger.kill(false, SECOND);
        nodes.removeIf(node -> !node.isAlive());
        for (SimulatedNode node : List.copyOf(nodes)) {
            boolean later = processes.stream().anyMatch(other -> isLater(other, node));
            if (later || node.isStopping() || node.link.isFencedByRecord()) {
                died = true;
                node.kill();
            } else {
                node.heal();
                node.disk.heal();
            }
        }
        nodes.removeIf(node -> !node.isAlive());
        for (int i = 1; i <= weather.nodes(); i++) {
            String nodeId = "r" + i;
            if (nodes.stream().noneMatch(node -> node.identity.nodeId().equals(nodeId))) {
                startProcess(nodeId);
            }
        }
    }

    private static boolean isLater(SimulatedNode other, SimulatedNode node) {
        NodeIdentity a = other.identity;
        NodeIdentity b = node.identity;
        return a.nodeId().equals(b.nodeId()) && (a.epoch() > b.epoch()
                || a.epoch() == b.epoch() && Long.compareUnsigned(a.processNonce(), b.processNonce()) > 0);
    }

    /** All nodes have traffic: nearly all of the volume must be usable, but what the dead hold. */
    private void useEverything() {
        demand = true;
        usingEverything = true;
        mode = QuotaMode.HARD;
        userVolume = hasUserQuotas ? 1L << 40 : null;
        command(putTenant());
        putQuota(0);
        agenda.runFor(5 * SECOND);
        String period = witness.period().map(QuotaPeriod::id).orElseThrow();
        long beforeTail = witness.facts().chargeOf(period) + 2 * MIB + upTo(2 * MIB);
        putQuota(beforeTail / (100 - weather.tailPercent()) * 100 + 100);
        if (witness.grantsWereLost()) {
            agenda.runFor(20 * SECOND);
            return;
        }
        Map<String, Long> before = new TreeMap<>();
        nodes.forEach(node -> before.put(node.name(), node.tally(period).boundBytes));
        agenda.runFor(10 * SECOND);
        for (int second = 0; second < 120 && usedOf(period) < enoughOf(); second++) {
            agenda.runFor(SECOND);
        }
        require(usedOf(period) >= enoughOf(), Invariant.VOLUME_IS_USABLE, () -> usedOf(period) + " of "
                + witness.facts().policy.getVolumeBytes() + " in " + period + (died ? ", some died" : ""));
        nodes.forEach(node -> require(hasUserQuotas || node.tally(period).boundBytes > before.get(node.name()),
                Invariant.VOLUME_IS_USABLE, () -> node.name() + " got nothing"));
    }

    /** Whoever has traffic gets nearly all of his volume, while the tenant's lasts. */
    private void useUpUsers() {
        String period = witness.period().map(QuotaPeriod::id).orElseThrow();
        Map<String, String> periods = new TreeMap<>();
        for (String user : List.of("al", "bo")) {
            witness.users().periodOf(user).filter(id -> nodes.stream().anyMatch(node -> node.traffic.hasCallOf(user)))
                    .ifPresent(id -> periods.put(user, id));
        }
        userVolume = MIB;
        for (Map.Entry<String, String> user : periods.entrySet()) {
            userVolume = Math.max(userVolume, witness.users().chargeOf(user.getKey(), user.getValue()) + MIB);
        }
        putQuota(witness.facts().chargeOf(period) + 4 * userVolume + 64 * MIB);
        agenda.runFor(3 * SECOND);
        long enough = (userVolume - userVolume / 100 * weather.tailPercent()) / 100 * 99;
        for (int second = 0; second < 120 && areShort(periods, enough); second++) {
            agenda.runFor(SECOND);
        }
        require(!areShort(periods, enough), Invariant.VOLUME_IS_USABLE,
                () -> "users got less than " + enough + " in " + periods);
        userVolume = 1L << 40;
    }

    /** Whether a user whose period still runs has used less. */
    private boolean areShort(Map<String, String> periods, long enough) {
        return periods.entrySet().stream()
                .anyMatch(user -> witness.users().periodOf(user.getKey()).equals(Optional.of(user.getValue()))
                        && witness.users().usedOf(user.getKey(), user.getValue()) < enough);
    }

    /** Of the tail nothing is asked for: how much of it is used depends on how long allocations trickle. */
    private long enoughOf() {
        long volume = witness.facts().policy.getVolumeBytes();
        return (volume - volume / 100 * weather.tailPercent()) / 100 * 99;
    }

    /** What living processes have sent, and what all others are charged with. */
    private long usedOf(String periodId) {
        Map<String, SimulatedNode> alive = new TreeMap<>();
        nodes.forEach(node -> alive.put(node.name(), node));
        long used = 0;
        for (QuotaAccount account : witness.facts().accounts.values()) {
            if (account.key().periodId().equals(periodId)) {
                SimulatedNode node = account.closed() ? null : alive.get(Witness.processOf(account));
                used += node == null ? Witness.chargeOf(account) : node.spentBytes(periodId);
            }
        }
        return used;
    }

    /** The clock goes to seven minutes before the end of the period; nobody may stop at it. */
    private void passIntoTheNextPeriod() {
        QuotaPeriod period = witness.period().orElseThrow();
        putQuota(witness.facts().policy.getVolumeBytes() + 8 * MIB);
        usingEverything = false;
        agenda.runFor(2 * SECOND);
        long ahead = Duration.between(Instant.ofEpochSecond(0, wallNanos()), period.end()).toNanos() - 420 * SECOND;
        if (ahead < 0) {
            return;
        }
        wallOffsetNanos += ahead;
        agenda.runFor(418 * SECOND);
        for (SimulatedNode node : nodes) {
            require(!node.traffic.hasCalls() || node.books.entries().stream().anyMatch(
                    entry -> entry.periodId().compareTo(period.id()) > 0 && entry.unspentBytes() > 0),
                    Invariant.GRANTED_AHEAD, () -> node.name() + " has nothing for the time after " + period.id());
        }
        agenda.runFor(10 * SECOND);
    }

    /** Nobody has traffic: what is not drawn must be with the ledger again. */
    private void rest() {
        demand = false;
        usingEverything = false;
        nodes.forEach(node -> node.traffic.endCalls());
        agenda.runFor(Duration.ofSeconds(330).toNanos());
        require(ledger.isIdle(), Invariant.NO_EXCEPTION, () -> "the ledger does not read on");
        if (witness.grantsWereLost()) {
            return;
        }
        witness.users().rests(nodes);
        for (SimulatedNode node : nodes) {
            for (NodeBooks.Entry entry : node.books.entries()) {
                require(entry.unspentBytes() == 0, Invariant.IDLE_PROCESSES_RETURN_CREDIT,
                        () -> node.name() + " is idle and holds " + entry.unspentBytes() + " in " + entry.periodId());
            }
            for (QuotaAccount account : witness.facts().accounts.values()) {
                boolean over = witness.isOver(account.key().periodId());
                require(!Witness.processOf(account).equals(node.name()) || over || Witness.unspentOf(account) == 0,
                        Invariant.IDLE_PROCESSES_RETURN_CREDIT, () -> node.name() + " is idle and charged with "
                                + Witness.unspentOf(account) + " of unspent credit in " + account.key().periodId());
            }
        }
    }

    private void stopAll() {
        nodes.forEach(SimulatedNode::stop);
        agenda.runFor(50 * SECOND);
        if (witness.grantsWereLost()) {
            return;
        }
        nodes.forEach(node -> require(node.table.isSettled(), Invariant.STOPPED_PROCESSES_ARE_SETTLED,
                () -> node.name() + " is not settled"));
        for (QuotaAccount account : witness.facts().accounts.values()) {
            String process = Witness.processOf(account);
            if (witness.isOver(account.key().periodId())) {
                continue;
            }
            SimulatedNode node = nodes.stream().filter(one -> one.name().equals(process)).findFirst().orElse(null);
            if (node == null) {
                boolean wasTold = nodes.stream().anyMatch(one -> one.isToSettle(account.key()));
                require(!wasTold || account.closed(), Invariant.KILLED_PROCESSES_ARE_SETTLED,
                        () -> account.key().text() + " was written down, and is not settled");
                boolean isDead = processes.stream().anyMatch(one -> one.name().equals(process));
                require(isDead, Invariant.STRANDED_AT_THE_DEAD_ONLY, () -> "nobody has ever been " + process);
                continue;
            }
            String periodId = account.key().periodId();
            SimulatedNode.Tally tally = node.tally(periodId);
            require(account.closed() || account.grantBytes() == 0, Invariant.STOPPED_PROCESSES_ARE_SETTLED,
                    () -> account.key().text() + " is not settled");
            require(Witness.unspentOf(account) == 0, Invariant.STRANDED_AT_THE_DEAD_ONLY,
                    () -> account.key().text() + " keeps " + Witness.unspentOf(account));
            long stranded = Witness.chargeOf(account) - tally.bytes();
            require(stranded >= 0, Invariant.FORWARDED_WITHIN_QUOTA,
                    () -> account.key().text() + " is charged with less than it sent: " + stranded);
            require(stranded <= weather.loops() * STRANDED_BY_A_LOOP + tally.refundedBytes,
                    Invariant.STOPPED_PROCESSES_ARE_SETTLED,
                    () -> account.key().text() + " is charged with " + stranded + " more than it sent");
        }
    }
}
