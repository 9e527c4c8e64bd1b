package io.turnpike.node.quota;

import io.turnpike.contract.QuotaPeriod;
import java.time.Instant;
import java.time.ZoneId;
import java.util.OptionalLong;

/**
 * What a tenant may use, as far as a node needs to know; also the form of {@code quota.default}.
 *
 * @param policyEpoch grows with each write of a tenant's policy; 0 for the default policy
 * @param mode how it is enforced
 * @param period length of the period
 * @param timeZone where periods begin
 * @param anchor day of the month or hour of the day at which periods begin; 0 for the calendar's
 * @param volumeBytes billable bytes per period; empty for no limit
 * @param userVolumeBytes billable bytes of each user per period; empty for no limit
 * @param onControlLoss what happens when credit is spent and the ledger is away
 * @param safeRate how data goes on then under SAFE_RATE
 * @param caps rates and concurrent allocations
 */
public record QuotaPolicy(long policyEpoch, QuotaMode mode, PeriodKind period, ZoneId timeZone, int anchor,
        OptionalLong volumeBytes, OptionalLong userVolumeBytes, OnControlLoss onControlLoss,
        SafeRate safeRate, Caps caps) {
    /** A policy that counts by calendar month in UTC and stops nothing. */
    public static final QuotaPolicy OFF = new QuotaPolicy(0, QuotaMode.OFF, PeriodKind.MONTH, ZoneId.of("UTC"),
            OptionalLong.empty(), OnControlLoss.STOP);

    /** A policy that begins periods by the calendar, limits no user, caps nothing, and has the standard safe rate. */
    public QuotaPolicy(long policyEpoch, QuotaMode mode, PeriodKind period, ZoneId timeZone, OptionalLong volumeBytes,
            OnControlLoss onControlLoss) {
        this(policyEpoch, mode, period, timeZone, 0, volumeBytes, OptionalLong.empty(), onControlLoss,
                SafeRate.STANDARD);
    }

    /** A policy that caps neither rates nor allocations. */
    public QuotaPolicy(long policyEpoch, QuotaMode mode, PeriodKind period, ZoneId timeZone, int anchor,
            OptionalLong volumeBytes, OptionalLong userVolumeBytes, OnControlLoss onControlLoss, SafeRate safeRate) {
        this(policyEpoch, mode, period, timeZone, anchor, volumeBytes, userVolumeBytes, onControlLoss, safeRate,
                Caps.NONE);
    }

    /** The period that holds the instant. */
    QuotaPeriod periodAt(Instant instant) {
        return period.at(instant, anchor, timeZone);
    }

    /** Whether users are counted each for himself: anything but OFF, with a users' volume. */
    boolean countsUsers() {
        return mode != QuotaMode.OFF && userVolumeBytes.isPresent();
    }

    /**
     * What holds for each user: the users' volume in place of the tenant's. The grace of SAFE_RATE is the tenant's alone, so
     * that users stop; the ledger's UserPolicy says the same. What caps users' rates and allocations is held by the tenant's
     * share.
     */
    QuotaPolicy ofEachUser() {
        return new QuotaPolicy(policyEpoch, mode, period, timeZone, anchor, userVolumeBytes, OptionalLong.empty(),
                onControlLoss == OnControlLoss.SAFE_RATE ? OnControlLoss.STOP : onControlLoss, safeRate);
    }

    /** Whether rates and allocations are capped, as far as there are caps: SHADOW and SOFT look at volume alone. */
    boolean enforcesCaps() {
        return mode == QuotaMode.HARD;
    }

    /** Whether data needs a grant: a hard quota with a volume. */
    boolean enforcesVolume() {
        return mode == QuotaMode.HARD && volumeBytes.isPresent();
    }

    /** Whether the volume is looked at at all: anything but OFF, with a volume. */
    boolean countsVolume() {
        return mode != QuotaMode.OFF && volumeBytes.isPresent();
    }

    /** Whether the state of the quota refuses new allocations, and nothing else: a soft quota with a volume. */
    boolean refusesByState() {
        return mode == QuotaMode.SOFT && volumeBytes.isPresent();
    }
}
