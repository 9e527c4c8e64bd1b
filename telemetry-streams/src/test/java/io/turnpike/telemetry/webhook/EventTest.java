package io.turnpike.telemetry.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.turnpike.contract.AuditEvent;
import io.turnpike.contract.RecordCodec;
import io.turnpike.control.v1.AuditChange;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.CommandKind;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.control.v1.TenantStatus;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventTest {
    static {
        RecordCodec.prepareAvro();
    }

    private static final Instant AT = Instant.parse("2026-11-22T12:00:00.123456Z");

    private static QuotaAudit.Builder audit(AuditKind kind) {
        return QuotaAudit.newBuilder().setTenantId("acme").setOccurredAt(AT).setKind(kind);
    }

    private static AuditEvent type(QuotaAudit.Builder audit) {
        return AuditEvent.of(audit.build()).orElse(null);
    }

    private static QuotaAudit.Builder state(QuotaState from, QuotaState to) {
        return audit(AuditKind.STATE_CHANGED).setFromState(from).setToState(to);
    }

    private static QuotaAudit.Builder command(CommandKind kind) {
        return audit(AuditKind.COMMAND_APPLIED).setCommand(kind);
    }

    @Test
    void everyTransitionHasItsType() {
        assertThat(type(state(QuotaState.OPEN, QuotaState.WARN).setWarnedPercent(80)))
                .isEqualTo(AuditEvent.QUOTA_WARNING);
        assertThat(type(state(QuotaState.WARN, QuotaState.EXHAUSTED))).isEqualTo(AuditEvent.QUOTA_EXHAUSTED);
        assertThat(type(state(QuotaState.EXHAUSTED, QuotaState.WARN))).isEqualTo(AuditEvent.QUOTA_REOPENED);
        assertThat(type(state(QuotaState.WARN, QuotaState.OPEN))).isEqualTo(AuditEvent.QUOTA_STATE);
        assertThat(type(audit(AuditKind.PERIOD_ROLLED))).isEqualTo(AuditEvent.QUOTA_PERIOD);
        assertThat(type(audit(AuditKind.ALARM))).isEqualTo(AuditEvent.QUOTA_ALARM);
        assertThat(type(audit(AuditKind.ACCOUNT_SETTLED))).isEqualTo(AuditEvent.QUOTA_SETTLED);
        assertThat(type(command(CommandKind.PUT_TENANT).setTenantStatus(TenantStatus.SUSPENDED)))
                .isEqualTo(AuditEvent.TENANT_SUSPENDED);
        assertThat(type(command(CommandKind.PUT_TENANT).setTenantStatus(TenantStatus.ACTIVE)))
                .isEqualTo(AuditEvent.TENANT_CHANGED);
        assertThat(type(command(CommandKind.PUT_QUOTA))).isEqualTo(AuditEvent.QUOTA_CHANGED);
        assertThat(type(command(CommandKind.REVOKE_CREDENTIAL))).isEqualTo(AuditEvent.CREDENTIALS_REVOKED);
        assertThat(type(command(CommandKind.DISABLE_WEBHOOK))).isEqualTo(AuditEvent.WEBHOOK_CHANGED);
        assertThat(type(command(CommandKind.REPORT_WEBHOOK))).isEqualTo(AuditEvent.WEBHOOK_DEAD);
        assertThat(type(command(CommandKind.TEST_WEBHOOK))).isEqualTo(AuditEvent.WEBHOOK_TEST);
        assertThat(type(audit(AuditKind.COMMAND_REFUSED).setCommand(CommandKind.PUT_QUOTA))).isNull();
    }

    @Test
    void namesOfTypesAreDifferentAndFound() {
        assertThat(Arrays.stream(AuditEvent.values()).map(AuditEvent::type)).doesNotHaveDuplicates();
        assertThat(AuditEvent.values()).allSatisfy(each -> assertThat(AuditEvent.parse(each.type())).contains(each));
        assertThat(AuditEvent.parse("quota.nonsense")).isEmpty();
    }

    @Test
    void sameRecordHasTheSameIdAndBodyEachTimeAndAnotherOneHasNot() {
        QuotaAudit audit = audit(AuditKind.ALARM).build();
        Event event = Event.of(3, 17, audit).orElseThrow();

        assertThat(Event.of(3, 17, QuotaAudit.newBuilder(audit).build()).orElseThrow().id()).isEqualTo(event.id());
        assertThat(Event.of(3, 18, audit).orElseThrow().id()).isNotEqualTo(event.id());
        assertThat(Event.of(2, 17, audit).orElseThrow().id()).isNotEqualTo(event.id());
        assertThat(event.id()).matches("evt_[0-9a-z]+_3_17");
        assertThat(Event.of(3, 17, audit).orElseThrow().body()).isEqualTo(event.body());
    }

    @Test
    void bodySaysWhatHappened() throws IOException {
        JsonNode body = new ObjectMapper().readTree(Event.of(0, 1, command(CommandKind.PUT_QUOTA).setActor("ops")
                .setVersion(4).setChanges(List.of(new AuditChange("volumeBytes", "5", "6"))).setReason("quota").build())
                .orElseThrow().body());

        assertThat(body.get("type").textValue()).isEqualTo("quota.changed");
        assertThat(body.get("timestamp").textValue()).isEqualTo("2026-11-22T12:00:00.123Z");
        assertThat(body.at("/data/tenant").textValue()).isEqualTo("acme");
        assertThat(body.at("/data/actor").textValue()).isEqualTo("ops");
        assertThat(body.at("/data/version").longValue()).isEqualTo(4);
        assertThat(body.at("/data/changes/0/field").textValue()).isEqualTo("volumeBytes");
        assertThat(body.at("/data/changes/0/after").textValue()).isEqualTo("6");
        assertThat(body.at("/data/fromState").isNull()).isTrue();
        assertThat(body.at("/data/usedBytes").isNull()).as("it is of no period").isTrue();
        assertThat(body.at("/data/limitBytes").isNull()).isTrue();
        assertThat(body.at("/data/warnedPercent").isNull()).isTrue();
    }

    @Test
    void saysWhoseQuotaItIs() throws IOException {
        QuotaAudit.Builder exhausted = state(QuotaState.WARN, QuotaState.EXHAUSTED);
        ObjectMapper json = new ObjectMapper();

        exhausted.setPeriodId("2026-11").setUsedBytes(9);
        JsonNode ofTenant = json.readTree(Event.of(0, 1, exhausted.build()).orElseThrow().body());
        JsonNode ofUser = json.readTree(Event.of(0, 2, exhausted.setUserId("al").build()).orElseThrow().body());

        assertThat(ofTenant.at("/data/user").isNull()).isTrue();
        assertThat(ofTenant.at("/data/usedBytes").longValue()).isEqualTo(9);
        assertThat(ofUser.at("/data/user").textValue()).isEqualTo("al");
    }
}
