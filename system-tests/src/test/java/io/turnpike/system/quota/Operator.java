package io.turnpike.system.quota;

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
import io.turnpike.node.quota.PeriodKind;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.OptionalLong;

/** Whoever runs the tenant: what its quota is by default, and the commands that change it. */
final class Operator {
    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;
    private static final List<String> ZONES = List.of("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata");
    private static final long SAFE_BITS_PER_SECOND = 400_000;

    private final Simulation world;
    private final QuotaPeriodKind periodKind;
    private final QuotaPolicy defaultPolicy;
    private boolean capped;
    private String zone = "UTC";
    private QuotaMode mode;
    private QuotaPeriodKind kind;
    private Long userVolume;
    private int commands;

    Operator(Simulation world) {
        this.world = world;
        periodKind = anyKind();
        kind = periodKind;
        mode = world.weather.hardByDefault() ? QuotaMode.HARD : QuotaMode.OFF;
        defaultPolicy = policy(world.weather.hardByDefault() ? someVolume() : null);
        capped = world.random.nextBoolean();
    }

    private QuotaPeriodKind anyKind() {
        return world.random.nextBoolean() ? QuotaPeriodKind.DAY : QuotaPeriodKind.MONTH;
    }

    /** What the ledger takes for the policy of a tenant without one. */
    QuotaPolicy defaultPolicy() {
        return defaultPolicy;
    }

    /** The same for a node. */
    io.turnpike.node.quota.QuotaPolicy nodePolicy() {
        return new io.turnpike.node.quota.QuotaPolicy(0,
                world.weather.hardByDefault()
                        ? io.turnpike.node.quota.QuotaMode.HARD
                        : io.turnpike.node.quota.QuotaMode.OFF,
                periodKind == QuotaPeriodKind.DAY ? PeriodKind.DAY : PeriodKind.MONTH, ZoneId.of("UTC"),
                0,
                world.weather.hardByDefault() ? OptionalLong.of(defaultPolicy.getVolumeBytes()) : OptionalLong.empty(),
                OptionalLong.empty(),
                io.turnpike.node.quota.OnControlLoss.valueOf(world.weather.onControlLoss().name()),
                new io.turnpike.node.quota.SafeRate(SAFE_BITS_PER_SECOND, world.weather.graceBytes()));
    }

    /** Whether policies cap rates and allocations while there are faults. */
    boolean isCapping() {
        return capped;
    }

    private QuotaPolicy policy(Long volume) {
        return QuotaPolicy.newBuilder().setTenantId(Simulation.TENANT).setPolicyEpoch(0).setMode(mode).setPeriod(kind)
                .setTimeZone(zone).setVolumeBytes(volume).setUserVolumeBytes(userVolume)
                .setTailPercent(world.weather.tailPercent())
                .setRateBitsPerSecond(cap(64_000L + world.upTo(20_000_000)))
                .setMaxAllocations(cap(world.random.nextInt(8))).setMaxAllocationsPerUser(cap(world.random.nextInt(4)))
                .setOnControlLoss(world.weather.onControlLoss())
                .setSafeRateBitsPerSecond(SAFE_BITS_PER_SECOND).setGraceBytes(world.weather.graceBytes())
                .setUpdatedAt(Instant.EPOCH).build();
    }

    /** A cap in some runs, while there are faults; then the volume alone counts. */
    private <T> T cap(T value) {
        return capped && !world.calm() && world.random.nextInt(4) > 0 ? value : null;
    }

    private long someVolume() {
        return switch (world.random.nextInt(4)) {
            case 0 -> world.upTo(256 * KIB);
            case 1 -> 256 * KIB + world.upTo(2 * MIB);
            default -> MIB + world.upTo(12 * MIB);
        };
    }

    private Long someUserVolume() {
        return switch (world.userRandom.nextInt(4)) {
            case 0 -> null;
            case 1 -> (long) (world.userRandom.nextDouble() * 128 * KIB);
            default -> 128 * KIB + (long) (world.userRandom.nextDouble() * 3 * MIB);
        };
    }

    /** Makes the tenant, or takes back that it was deleted. */
    void putTenant() {
        command(PutTenant.newBuilder().setDisplayName("Acme").setStatus(TenantStatus.ACTIVE)
                .setChannelNumbers(ChannelNumbers.RFC8656).setBillableRule(BillableRule.BOTH_DIRECTIONS).build());
    }

    void deleteTenant() {
        command(DeleteTenant.newBuilder().build());
    }

    /** Changes the volume, and users' volumes while there are faults. */
    void putSomeQuota() {
        putQuota(someVolume());
    }

    void putQuota(long volume) {
        if (world.hasUserQuotas && !world.calm()) {
            userVolume = someUserVolume();
        }
        world.history.note(() -> "put quota " + mode + " of " + volume + " per " + kind + " in " + zone);
        command(new PutQuota(policy(volume)));
    }

    void beHard() {
        mode = QuotaMode.HARD;
    }

    void switchMode() {
        mode = mode == QuotaMode.OFF ? QuotaMode.HARD : QuotaMode.OFF;
        putSomeQuota();
    }

    void putOtherPeriod() {
        kind = anyKind();
        zone = ZONES.get(world.random.nextInt(ZONES.size()));
        putSomeQuota();
    }

    /** What users get from the next policy on; null is no limit. */
    void limitUsers(Long volume) {
        userVolume = volume;
    }

    private void command(Object action) {
        TenantCommand command = TenantCommand.newBuilder().setCommandId("c" + commands++).setTenantId(Simulation.TENANT)
                .setActor("ops").setIssuedAt(Instant.EPOCH).setAction(action).build();
        world.ledger.command(command);
        if (!world.calm() && world.random.nextInt(4) == 0) {
            world.later(world.delayNanos(), () -> world.ledger.command(command));
        }
    }
}
