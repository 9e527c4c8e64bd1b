package io.turnpike.node.kafka;

import io.turnpike.contract.SecretSeal;
import io.turnpike.control.v1.Revocation;
import io.turnpike.control.v1.TenantRecord;
import io.turnpike.control.v1.TenantSecret;
import io.turnpike.control.v1.TenantStatus;
import io.turnpike.node.auth.AccessTokenKey;
import io.turnpike.node.auth.CredentialExpiry;
import io.turnpike.node.auth.Revocations;
import io.turnpike.node.auth.SharedSecret;
import io.turnpike.node.auth.Tenant;
import io.turnpike.node.config.CidrBlock;
import io.turnpike.node.config.PeerRules;
import io.turnpike.node.quota.Caps;
import io.turnpike.node.quota.OnControlLoss;
import io.turnpike.node.quota.PeriodKind;
import io.turnpike.node.quota.QuotaGrant;
import io.turnpike.node.quota.QuotaMode;
import io.turnpike.node.quota.QuotaPolicy;
import io.turnpike.node.quota.QuotaShare;
import io.turnpike.node.quota.SafeRate;
import java.nio.ByteBuffer;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Control records to plain values. What a newer program wrote and this one does not know is read as the stricter
 * meaning: an unknown status is suspended, an unknown mode is HARD.
 */
final class ControlMapping {
    private static final Logger LOG = LoggerFactory.getLogger(ControlMapping.class);

    private static final List<String> EVERYTHING = List.of("0.0.0.0/0", "::/0");

    private final SecretSeal seal;

    ControlMapping(SecretSeal seal) {
        this.seal = seal;
    }

    /** The tenant; secrets that do not open are left out, so that their credentials are refused. */
    Tenant tenant(TenantRecord record) {
        List<SharedSecret> secrets = new ArrayList<>();
        for (TenantSecret sealed : record.getSecrets()) {
            secret(record.getTenantId(), sealed).ifPresent(secrets::add);
        }
        return new Tenant(record.getTenantId(), record.getStatus() == TenantStatus.ACTIVE, secrets,
                switch (record.getChannelNumbers()) {
                    case RFC5766 -> Tenant.ChannelNumbers.RFC5766;
                    case RFC8656, UNKNOWN -> Tenant.ChannelNumbers.RFC8656;
                }, switch (record.getBillableRule()) {
                    case EGRESS_ONLY -> Tenant.BillableRule.EGRESS_ONLY;
                    case BOTH_DIRECTIONS, UNKNOWN -> Tenant.BillableRule.BOTH_DIRECTIONS;
                }, switch (record.getCredentialExpiry()) {
                    case ALLOCATE -> CredentialExpiry.ALLOCATE;
                    case REFRESH -> CredentialExpiry.REFRESH;
                    case HARD_CUT, UNKNOWN -> CredentialExpiry.HARD_CUT;
                }, record.getAccessTokenKeys().stream().flatMap(key -> tokenKey(record.getTenantId(), key).stream())
                        .toList(),
                record.getServerNames(), peers(record));
    }

    private Optional<AccessTokenKey> tokenKey(String tenantId, io.turnpike.control.v1.AccessTokenKey record) {
        Optional<byte[]> opened = seal.open(SecretSeal.accessTokenKeyContext(tenantId, record.getId()),
                bytes(record.getSealed())).filter(key -> AccessTokenKey.isKeyLength(key.length));
        if (opened.isEmpty()) {
            LOG.warn("an access token key cannot be used: wrong cluster-key tenant={} keyId={}", tenantId,
                    record.getId());
        }
        return opened.map(key -> new AccessTokenKey(record.getId(), key));
    }

    /** What cannot be read allows nothing and denies everything. */
    private static PeerRules peers(TenantRecord record) {
        try {
            return new PeerRules(blocks(record.getPeerAllow()), blocks(record.getPeerDeny()));
        } catch (IllegalArgumentException e) {
            LOG.warn("peer blocks cannot be read, so the tenant's clients reach no peer tenant={}",
                    record.getTenantId());
            return new PeerRules(List.of(), blocks(EVERYTHING));
        }
    }

    private static List<CidrBlock> blocks(List<String> texts) {
        return texts.stream().map(CidrBlock::parse).toList();
    }

    private Optional<SharedSecret> secret(String tenantId, TenantSecret record) {
        SharedSecret.Algorithm algorithm = switch (record.getAlgorithm()) {
            case HMAC_SHA1 -> SharedSecret.Algorithm.HMAC_SHA1;
            case HMAC_SHA256 -> SharedSecret.Algorithm.HMAC_SHA256;
            case UNKNOWN -> null;
        };
        Optional<byte[]> opened = seal.open(SecretSeal.tenantSecretContext(tenantId, record.getId()),
                bytes(record.getSealed()));
        if (algorithm == null || opened.isEmpty() || opened.get().length == 0) {
            LOG.warn("a secret cannot be used: wrong cluster-key, or a newer algorithm tenant={} secretId={}", tenantId,
                    record.getId());
            return Optional.empty();
        }
        return Optional.of(new SharedSecret(record.getId(), algorithm, opened.get()));
    }

    /** What holds for a tenant whose policy cannot be read: nothing passes without a grant, and nobody is granted anything. */
    static QuotaPolicy unreadablePolicy() {
        return new QuotaPolicy(0, QuotaMode.HARD, PeriodKind.MONTH, ZoneOffset.UTC, OptionalLong.of(0),
                OnControlLoss.STOP);
    }

    /**
     * The policy; one of a mode that is not known here lets nothing pass without a grant, whatever it limits.
     *
     * @throws java.time.DateTimeException if the time zone is unknown
     */
    QuotaPolicy policy(io.turnpike.control.v1.QuotaPolicy record) {
        return new QuotaPolicy(record.getPolicyEpoch(), switch (record.getMode()) {
            case OFF -> QuotaMode.OFF;
            case SHADOW -> QuotaMode.SHADOW;
            case SOFT -> QuotaMode.SOFT;
            case HARD, UNKNOWN -> QuotaMode.HARD;
        }, switch (record.getPeriod()) {
            case DAY -> PeriodKind.DAY;
            case MONTH, UNKNOWN -> PeriodKind.MONTH;
        }, ZoneId.of(record.getTimeZone()), record.getAnchor(), volume(record),
                optional(record.getUserVolumeBytes()), switch (record.getOnControlLoss()) {
                    case SAFE_RATE -> OnControlLoss.SAFE_RATE;
                    case ALLOW -> OnControlLoss.ALLOW;
                    case STOP, UNKNOWN -> OnControlLoss.STOP;
                }, new SafeRate(record.getSafeRateBitsPerSecond(), record.getGraceBytes()),
                new Caps(optional(record.getRateBitsPerSecond()), optional(record.getUserRateBitsPerSecond()),
                        optional(record.getAllocationRateBitsPerSecond()), optional(record.getMaxAllocations()),
                        optional(record.getMaxAllocationsPerUser())));
    }

    private static OptionalLong optional(Long value) {
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    private static OptionalInt optional(Integer value) {
        return value == null ? OptionalInt.empty() : OptionalInt.of(value);
    }

    /** The share. */
    QuotaShare share(io.turnpike.control.v1.QuotaShare record) {
        return new QuotaShare(record.getTenantId(), record.getUserId(), record.getNodeId(), record.getNodeEpoch(),
                record.getProcessNonce(), record.getShareSeq(), record.getRateBitsPerSecond(), record.getSlots(),
                record.getFull(), record.getAnew(), record.getClosed(),
                record.getAnsweredReportMonotonicNanos(), TimeUnit.MILLISECONDS.toNanos(record.getLeaseMillis()));
    }

    private static OptionalLong volume(io.turnpike.control.v1.QuotaPolicy record) {
        boolean isUnknown = record.getMode() == io.turnpike.control.v1.QuotaMode.UNKNOWN;
        return isUnknown && record.getVolumeBytes() == null ? OptionalLong.of(0) : optional(record.getVolumeBytes());
    }

    /** The revocation. */
    Revocations.Revocation revocation(Revocation record) {
        return new Revocations.Revocation(record.getRevokedAt(), record.getExpiresAt());
    }

    /** The grant. */
    QuotaGrant grant(io.turnpike.control.v1.QuotaGrant record) {
        boolean exhausted = switch (record.getState()) {
            case EXHAUSTED -> true;
            case OPEN, WARN, UNKNOWN -> false;
        };
        return new QuotaGrant(record.getTenantId(), record.getUserId(), record.getPeriodId(), record.getPeriodStart(),
                record.getPeriodEnd(), record.getNodeId(), record.getNodeEpoch(), record.getProcessNonce(),
                record.getPolicyEpoch(), record.getGrantSeq(), record.getGrantBytes(), exhausted, record.getRecall(),
                record.getClosed(), record.getAnsweredReportMonotonicNanos(), record.getOpening(), record.getTrickle(),
                TimeUnit.MILLISECONDS.toNanos(record.getLeaseMillis()));
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] copy = new byte[buffer.remaining()];
        buffer.duplicate().get(copy);
        return copy;
    }
}
