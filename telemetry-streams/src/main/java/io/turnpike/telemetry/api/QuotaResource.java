package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpStatus;
import io.turnpike.contract.RateCap;
import io.turnpike.contract.SafeRate;
import io.turnpike.contract.TailPercent;
import io.turnpike.contract.WarnPercents;
import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.PutQuota;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.CommandOutcome;
import io.turnpike.telemetry.query.NodeShare;
import io.turnpike.telemetry.query.Quota;
import io.turnpike.telemetry.query.QuotaStatus;
import io.turnpike.telemetry.query.TenantQueries;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** A tenant's quota: the policy, where the tenant stands, and what was decided. */
final class QuotaResource {
    private static final String[] FIELDS = {"mode", "period", "timeZone", "anchor", "volumeBytes",
        "userVolumeBytes", "rateBitsPerSecond", "userRateBitsPerSecond", "allocationRateBitsPerSecond",
        "maxAllocations", "maxAllocationsPerUser", "onControlLoss", "safeRateBitsPerSecond", "graceBytes",
        "warnPercents", "tailPercent"};

    private final TenantQueries tenants;
    private final KnownTenants known;
    private final Commands commands;
    private final QuotaOutlook outlook;

    QuotaResource(TenantQueries tenants, KnownTenants known, Commands commands, QuotaOutlook outlook) {
        this.outlook = outlook;
        this.tenants = tenants;
        this.known = known;
        this.commands = commands;
    }

    Reply get(Call call) {
        Answer<Quota> answer = tenants.quota(call.tenant());
        known.requireUnless(!answer.value().isDefault(), call.tenant());
        return Reply.ok(quota(answer.value()), answer.freshness()).etag(answer.value().policyEpoch());
    }

    Reply put(Call call) {
        Quota asked = asked(Body.parse(call.body(), FIELDS));
        CommandOutcome.Applied applied = commands.apply(call, new PutQuota(policy(call, asked)));
        Answer<Quota> stored = tenants.quota(call.tenant());
        Quota written = stored.value().policyEpoch() >= applied.version()
                ? stored.value()
                : new Quota(applied.version(), asked.mode(), asked.period(), asked.timeZone(), asked.anchor(),
                        asked.volumeBytes(), asked.userVolumeBytes(), asked.rateBitsPerSecond(),
                        asked.userRateBitsPerSecond(), asked.allocationRateBitsPerSecond(), asked.maxAllocations(),
                        asked.maxAllocationsPerUser(),
                        asked.onControlLoss(), asked.safeRateBitsPerSecond(), asked.graceBytes(), asked.warnPercents(),
                        asked.tailPercent(), Optional.of(call.now()));
        return Reply.json(applied.created() ? HttpStatus.CREATED : HttpStatus.OK,
                Json.fresh(quota(written), stored.freshness())).etag(written.policyEpoch());
    }

    Reply status(Call call) {
        Answer<QuotaStatus> answer = tenants.quotaStatus(call.tenant());
        QuotaStatus status = answer.value();
        known.requireUnless(status.policyEpoch() > 0 || status.usedBytes() > 0, call.tenant());
        ObjectNode body = standing(Json.object().put("tenant", call.tenant()), status);
        body.set("projection", outlook.of(status, call));
        Answer<Quota> quota = tenants.quota(call.tenant());
        Answer<List<NodeShare>> shares = tenants.shares(call.tenant());
        body.set("shares", QuotaShares.of(quota.value(), shares.value()));
        return Reply.ok(body, answer.freshness().and(quota.freshness()).and(shares.freshness()));
    }

    Reply userStatus(Call call) {
        Answer<QuotaStatus> answer = tenants.quotaStatus(call.tenant(), call.user());
        QuotaStatus status = answer.value();
        known.requireUnless(status.policyEpoch() > 0 || status.usedBytes() > 0, call.tenant());
        ObjectNode body = Json.object().put("tenant", call.tenant()).put("user", call.user());
        return Reply.ok(standing(body, status), answer.freshness());
    }

    private static ObjectNode standing(ObjectNode body, QuotaStatus status) {
        body.put("mode", status.mode().name()).put("state", status.state().name()).put("usedBytes", status.usedBytes())
                .put("grantedBytes", status.grantedBytes());
        Json.put(body, "remainingBytes", status.remainingBytes());
        Json.put(body, "limitBytes", status.limitBytes());
        Json.put(body, "overshootBoundBytes", status.overshootBoundBytes());
        Json.put(body, "feedbackOvershootBytes", status.feedbackOvershootBytes());
        body.set("controlLoss", controlLoss(status.controlLoss()));
        body.put("uncertainBytes", status.uncertainBytes()).put("arming", status.arming())
                .put("policyEpoch", status.policyEpoch()).put("periodId", status.periodId())
                .put("periodStart", Json.time(status.periodStart())).put("periodEnd", Json.time(status.periodEnd()));
        return body;
    }

    private static ObjectNode controlLoss(QuotaStatus.ControlLoss loss) {
        ObjectNode body = Json.object().put("policy", loss.policy().name()).put("nodes", loss.nodes())
                .put("graceBytesPerNode", loss.graceBytesPerNode());
        Json.put(body, "survivesSeconds", loss.survivesSeconds());
        return body.put("ungrantedBytes", loss.ungrantedBytes());
    }

    private static Quota asked(Body body) {
        QuotaMode mode = body.oneOf("mode", EnumSet.of(QuotaMode.OFF, QuotaMode.SHADOW, QuotaMode.SOFT, QuotaMode.HARD))
                .orElseThrow(() -> body.problem("mode", "is required: OFF, SHADOW, SOFT or HARD"));
        OptionalLong volume = body.whole("volumeBytes", 0L, Long.MAX_VALUE);
        OptionalLong userVolume = body.whole("userVolumeBytes", 0L, Long.MAX_VALUE);
        OptionalLong rate = rate(body, "rateBitsPerSecond");
        OptionalLong userRate = rate(body, "userRateBitsPerSecond");
        OptionalLong allocationRate = rate(body, "allocationRateBitsPerSecond");
        OptionalInt allocations = body.whole("maxAllocations", 0, Integer.MAX_VALUE);
        OptionalInt perUser = body.whole("maxAllocationsPerUser", 0, Integer.MAX_VALUE);
        QuotaPeriodKind period = QuotaFields.period(body);
        Quota asked = new Quota(0, mode, period, QuotaFields.timeZone(body).getId(), QuotaFields.anchor(body, period),
                volume,
                userVolume, rate, userRate, allocationRate, allocations, perUser,
                body.oneOf("onControlLoss",
                        EnumSet.of(OnControlLoss.STOP, OnControlLoss.SAFE_RATE, OnControlLoss.ALLOW))
                        .orElse(OnControlLoss.STOP),
                body.whole("safeRateBitsPerSecond", SafeRate.LEAST_BITS_PER_SECOND, SafeRate.MOST_BITS_PER_SECOND)
                        .orElse(SafeRate.DEFAULT_BITS_PER_SECOND),
                body.whole("graceBytes", 0L, SafeRate.MOST_GRACE_BYTES).orElse(SafeRate.DEFAULT_GRACE_BYTES),
                body.wholes("warnPercents", WarnPercents::follow, WarnPercents.RULE).orElse(WarnPercents.DEFAULT),
                body.whole("tailPercent", 0, TailPercent.MOST).orElse(TailPercent.DEFAULT),
                Optional.empty());
        requireALimitInForce(asked, body);
        return asked;
    }

    private static void requireALimitInForce(Quota asked, Body body) {
        if (asked.mode() == QuotaMode.OFF || asked.hasVolume()) {
            return;
        }
        if (!asked.hasCap()) {
            throw body.problem("volumeBytes", "or another limit is needed under " + asked.mode());
        }
        if (!asked.enforcesCaps()) {
            throw body.problem("mode", "must be HARD, or a volume is needed too: " + asked.mode()
                    + " follows volumes alone, and rates and allocations are capped under HARD only");
        }
    }

    private static OptionalLong rate(Body body, String field) {
        return body.whole(field, RateCap.LEAST_BITS_PER_SECOND, RateCap.MOST_BITS_PER_SECOND);
    }

    private static QuotaPolicy policy(Call call, Quota quota) {
        return QuotaPolicy.newBuilder().setTenantId(call.tenant()).setPolicyEpoch(0).setMode(quota.mode())
                .setPeriod(quota.period()).setTimeZone(quota.timeZone()).setAnchor(quota.anchor())
                .setVolumeBytes(boxed(quota.volumeBytes())).setUserVolumeBytes(boxed(quota.userVolumeBytes()))
                .setRateBitsPerSecond(boxed(quota.rateBitsPerSecond()))
                .setUserRateBitsPerSecond(boxed(quota.userRateBitsPerSecond()))
                .setAllocationRateBitsPerSecond(boxed(quota.allocationRateBitsPerSecond()))
                .setMaxAllocations(boxed(quota.maxAllocations()))
                .setMaxAllocationsPerUser(boxed(quota.maxAllocationsPerUser()))
                .setOnControlLoss(quota.onControlLoss()).setSafeRateBitsPerSecond(quota.safeRateBitsPerSecond())
                .setGraceBytes(quota.graceBytes()).setWarnPercents(quota.warnPercents())
                .setTailPercent(quota.tailPercent())
                .setUpdatedAt(call.now()).build();
    }

    private static Long boxed(OptionalLong value) {
        return value.isPresent() ? value.getAsLong() : null;
    }

    private static Integer boxed(OptionalInt value) {
        return value.isPresent() ? value.getAsInt() : null;
    }

    private static ObjectNode quota(Quota quota) {
        ObjectNode body = Json.object().put("mode", quota.mode().name()).put("period", quota.period().name())
                .put("timeZone", quota.timeZone());
        Json.put(body, "anchor", quota.ownAnchor());
        Json.put(body, "volumeBytes", quota.volumeBytes());
        Json.put(body, "userVolumeBytes", quota.userVolumeBytes());
        Json.put(body, "rateBitsPerSecond", quota.rateBitsPerSecond());
        Json.put(body, "userRateBitsPerSecond", quota.userRateBitsPerSecond());
        Json.put(body, "allocationRateBitsPerSecond", quota.allocationRateBitsPerSecond());
        Json.put(body, "maxAllocations", quota.maxAllocations());
        Json.put(body, "maxAllocationsPerUser", quota.maxAllocationsPerUser());
        body.put("capsEnforced", capsEnforced(quota));
        body.put("onControlLoss", quota.onControlLoss().name())
                .put("safeRateBitsPerSecond", quota.safeRateBitsPerSecond()).put("graceBytes", quota.graceBytes());
        quota.warnPercents().forEach(body.putArray("warnPercents")::add);
        body.put("tailPercent", quota.tailPercent()).put("policyEpoch", quota.policyEpoch()).put("default",
                quota.isDefault());
        Json.put(body, "updatedAt", quota.updatedAt());
        return body;
    }

    /** Whether what the policy caps beside volumes is in force; null where it caps nothing. */
    static Boolean capsEnforced(Quota quota) {
        return quota.hasCap() ? Boolean.valueOf(quota.enforcesCaps()) : null;
    }
}
