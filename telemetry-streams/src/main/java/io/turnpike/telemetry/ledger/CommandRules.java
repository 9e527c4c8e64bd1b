package io.turnpike.telemetry.ledger;

import io.turnpike.contract.AddressBlockText;
import io.turnpike.contract.QuotaPeriod;
import io.turnpike.contract.RateCap;
import io.turnpike.contract.SafeRate;
import io.turnpike.contract.TailPercent;
import io.turnpike.contract.TenantName;
import io.turnpike.contract.WarnPercents;
import io.turnpike.control.v1.AccessTokenKey;
import io.turnpike.control.v1.BillableRule;
import io.turnpike.control.v1.ChannelNumbers;
import io.turnpike.control.v1.CredentialExpiry;
import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.PutTenant;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.RevokeCredential;
import io.turnpike.control.v1.SecretAlgorithm;
import io.turnpike.control.v1.TenantSecret;
import io.turnpike.control.v1.TenantStatus;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a command must fulfil by itself. The API checks too, for better messages; this is the last door, since a record
 * that the relays cannot follow must never be written. A setting that nothing enforces yet is refused, not kept.
 */
final class CommandRules {
    private static final Pattern SECRET_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final int MOST_SECRETS = 16;
    private static final int MOST_SERVER_NAMES = 64;
    private static final int LONGEST_DISPLAY_NAME = 256;
    private static final int SHORTEST_SEAL = 12 + 16;
    private static final int LONGEST_SEAL = 4_096;
    private static final Set<String> ZONES = ZoneId.getAvailableZoneIds();

    private CommandRules() {}

    /** Why a field will not do. */
    record Fault(String field, String reason) {}

    static Optional<Fault> check(PutTenant tenant) {
        if (tenant.getDisplayName().length() > LONGEST_DISPLAY_NAME) {
            return fault("displayName", "must be at most " + LONGEST_DISPLAY_NAME + " characters");
        }
        if (tenant.getStatus() != TenantStatus.ACTIVE && tenant.getStatus() != TenantStatus.SUSPENDED) {
            return fault("status", "must be ACTIVE or SUSPENDED");
        }
        if (tenant.getChannelNumbers() == ChannelNumbers.UNKNOWN) {
            return fault("channelNumbers", "must be RFC8656 or RFC5766");
        }
        if (tenant.getBillableRule() == BillableRule.UNKNOWN) {
            return fault("billableRule", "must be BOTH_DIRECTIONS or EGRESS_ONLY");
        }
        if (tenant.getCredentialExpiry() == CredentialExpiry.UNKNOWN) {
            return fault("credentialExpiry", "must be ALLOCATE, REFRESH or HARD_CUT");
        }
        return Stream.<Supplier<Optional<Fault>>>of(() -> check(tenant.getSecrets()),
                () -> checkKeys(tenant.getAccessTokenKeys()), () -> checkServerNames(tenant.getServerNames()),
                () -> checkBlocks("peerAllow", tenant.getPeerAllow()),
                () -> checkBlocks("peerDeny", tenant.getPeerDeny())).map(Supplier::get).flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<Fault> checkKeys(List<AccessTokenKey> keys) {
        if (keys == null) {
            return Optional.empty();
        }
        Set<String> ids = new HashSet<>();
        for (AccessTokenKey key : keys) {
            if (!SECRET_ID.matcher(key.getId()).matches() || !ids.add(key.getId())) {
                return fault("accessTokenKeys", "ids must be different and match " + SECRET_ID.pattern());
            }
            int sealed = key.getSealed().remaining() - SHORTEST_SEAL;
            if (sealed != 16 && sealed != 32) {
                return fault("accessTokenKeys", "key " + key.getId() + " is not a sealed key of 16 or 32 bytes");
            }
        }
        return keys.size() > MOST_SECRETS
                ? fault("accessTokenKeys", "must be at most " + MOST_SECRETS)
                : Optional.empty();
    }

    private static Optional<Fault> checkServerNames(List<String> names) {
        if (names.size() > MOST_SERVER_NAMES || !names.stream().allMatch(TenantName::isServerName)) {
            return fault("serverNames", "must be at most " + MOST_SERVER_NAMES
                    + " lower-case host names such as turn.example.org");
        }
        return Optional.empty();
    }

    private static Optional<Fault> checkBlocks(String field, List<String> blocks) {
        return blocks.size() > AddressBlockText.MOST || !blocks.stream().allMatch(AddressBlockText::isBlock)
                ? fault(field, AddressBlockText.RULE)
                : Optional.empty();
    }

    private static Optional<Fault> check(List<TenantSecret> secrets) {
        if (secrets == null) {
            return Optional.empty();
        }
        if (secrets.size() > MOST_SECRETS) {
            return fault("secrets", "must be at most " + MOST_SECRETS);
        }
        Set<String> ids = new HashSet<>();
        for (TenantSecret secret : secrets) {
            if (!SECRET_ID.matcher(secret.getId()).matches() || !ids.add(secret.getId())) {
                return fault("secrets", "ids must be different and match " + SECRET_ID.pattern());
            }
            if (secret.getAlgorithm() == SecretAlgorithm.UNKNOWN || secret.getSealed().remaining() < SHORTEST_SEAL) {
                return fault("secrets", "secret " + secret.getId() + " has no algorithm or is not sealed");
            }
            if (secret.getSealed().remaining() > LONGEST_SEAL) {
                return fault("secrets", "secret " + secret.getId() + " is too long");
            }
        }
        return Optional.empty();
    }

    static Optional<Fault> check(QuotaPolicy policy) {
        if (policy.getMode() == QuotaMode.UNKNOWN) {
            return fault("mode", "must be OFF, SHADOW, SOFT or HARD");
        }
        if (policy.getPeriod() == QuotaPeriodKind.UNKNOWN) {
            return fault("period", "must be MONTH or DAY");
        }
        if (!ZONES.contains(policy.getTimeZone())) {
            return fault("timeZone", "must be the name of an IANA time zone, such as Europe/Berlin or UTC");
        }
        boolean daily = policy.getPeriod() == QuotaPeriodKind.DAY;
        int latest = daily ? QuotaPeriod.LATEST_HOUR : QuotaPeriod.LATEST_DAY;
        if (policy.getAnchor() < 0 || policy.getAnchor() > latest) {
            return fault("anchor", daily ? "must be an hour from 0 to " + latest : "must be a day from 1 to " + latest);
        }
        if (!isVolume(policy.getVolumeBytes())) {
            return fault("volumeBytes", "must be from 0 to " + QuotaRules.MOST_BYTES_OF_ACCOUNT);
        }
        if (!isVolume(policy.getUserVolumeBytes())) {
            return fault("userVolumeBytes", "must be from 0 to " + QuotaRules.MOST_BYTES_OF_ACCOUNT);
        }
        if (!WarnPercents.follow(policy.getWarnPercents())) {
            return fault("warnPercents", WarnPercents.RULE);
        }
        if (policy.getTailPercent() < 0 || policy.getTailPercent() > TailPercent.MOST) {
            return fault("tailPercent", "must be from 0 to " + TailPercent.MOST);
        }
        Optional<Fault> caps = checkCaps(policy);
        if (caps.isPresent()) {
            return caps;
        }
        if (policy.getOnControlLoss() == OnControlLoss.UNKNOWN) {
            return fault("onControlLoss", "must be STOP, SAFE_RATE or ALLOW");
        }
        long rate = policy.getSafeRateBitsPerSecond();
        if (rate < SafeRate.LEAST_BITS_PER_SECOND || rate > SafeRate.MOST_BITS_PER_SECOND) {
            return fault("safeRateBitsPerSecond", "must be from " + SafeRate.LEAST_BITS_PER_SECOND + " to "
                    + SafeRate.MOST_BITS_PER_SECOND);
        }
        if (policy.getGraceBytes() < 0 || policy.getGraceBytes() > SafeRate.MOST_GRACE_BYTES) {
            return fault("graceBytes", "must be from 0 to " + SafeRate.MOST_GRACE_BYTES);
        }
        return Optional.empty();
    }

    private static boolean isVolume(Long bytes) {
        return bytes == null || bytes >= 0 && bytes <= QuotaRules.MOST_BYTES_OF_ACCOUNT;
    }

    private static Optional<Fault> checkCaps(QuotaPolicy policy) {
        return rateFault("rateBitsPerSecond", policy.getRateBitsPerSecond())
                .or(() -> rateFault("userRateBitsPerSecond", policy.getUserRateBitsPerSecond()))
                .or(() -> rateFault("allocationRateBitsPerSecond", policy.getAllocationRateBitsPerSecond()))
                .or(() -> countFault("maxAllocations", policy.getMaxAllocations()))
                .or(() -> countFault("maxAllocationsPerUser", policy.getMaxAllocationsPerUser()));
    }

    private static Optional<Fault> rateFault(String field, Long bitsPerSecond) {
        return bitsPerSecond == null || RateCap.isRate(bitsPerSecond) ? Optional.empty() : fault(field, RateCap.RULE);
    }

    private static Optional<Fault> countFault(String field, Integer count) {
        return count == null || count >= 0 ? Optional.empty() : fault(field, "must not be negative");
    }

    static Optional<Fault> check(RevokeCredential revoke) {
        return TenantName.isUserId(revoke.getUserId())
                ? Optional.empty()
                : fault("user", "must be 1 to " + TenantName.MAX_USER_BYTES + " bytes without control characters");
    }

    private static Optional<Fault> fault(String field, String reason) {
        return Optional.of(new Fault(field, reason));
    }
}
