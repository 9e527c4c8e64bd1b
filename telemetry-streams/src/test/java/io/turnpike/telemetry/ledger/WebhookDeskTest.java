package io.turnpike.telemetry.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.RecordCodec;
import io.turnpike.control.v1.AuditChange;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.CommandKind;
import io.turnpike.control.v1.CommandRefusal;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.TenantRecord;
import io.turnpike.control.v1.TenantStatus;
import io.turnpike.control.v1.WebhookAction;
import io.turnpike.control.v1.WebhookCommand;
import io.turnpike.control.v1.WebhookSecret;
import io.turnpike.control.v1.WebhookStatus;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class WebhookDeskTest {
    static {
        RecordCodec.prepareAvro();
    }

    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    private final HeapStore store = new HeapStore();
    private final WebhookDesk desk = new WebhookDesk(store);
    private int commands;

    WebhookDeskTest() {
        become(TenantStatus.ACTIVE);
    }

    private void become(TenantStatus status) {
        store.put(TenantRecord.newBuilder().setTenantId("acme").setVersion(1).setDisplayName("").setStatus(status)
                .setSecrets(List.of()).setUpdatedAt(NOW).build());
    }

    private WebhookCommand.Builder command(String name, WebhookAction action) {
        return WebhookCommand.newBuilder().setCommandId("c" + commands++).setTenantId("acme").setName(name)
                .setActor("ops").setIssuedAt(NOW).setAction(action);
    }

    private WebhookCommand.Builder put(String name) {
        return command(name, WebhookAction.PUT).setUrl("https://hooks.example.org/").setSecrets(List.of(secret("k1")));
    }

    private static WebhookSecret secret(String id) {
        return new WebhookSecret(id, ByteBuffer.wrap(new byte[60]));
    }

    private WebhookDesk.Decision decide(WebhookCommand.Builder command) {
        return decide(command.build(), NOW);
    }

    private WebhookDesk.Decision decide(WebhookCommand command, Instant now) {
        WebhookDesk.Decision decision = desk.decide(command, now);
        store.audits.add(decision.audit());
        return decision;
    }

    private void assertRefused(WebhookCommand.Builder command, CommandRefusal refusal, String field) {
        WebhookDesk.Decision decision = decide(command);
        assertThat(decision.audit().getKind()).isEqualTo(AuditKind.COMMAND_REFUSED);
        assertThat(decision.audit().getRefusal()).isEqualTo(refusal);
        assertThat(decision.audit().getField()).isEqualTo(field);
        assertThat(decision.webhook()).isEmpty();
        assertThat(decision.removed()).isFalse();
    }

    @Test
    void makesAWebhookAndAuditsWhoAndWhatButNoKey() {
        WebhookDesk.Decision decision = decide(put("ops").setEvents(List.of("quota.warning")));

        assertThat(decision.webhook()).hasValueSatisfying(webhook -> {
            assertThat(webhook.getEnabledAt()).isEqualTo(NOW);
            assertThat(webhook.getStatus()).isEqualTo(WebhookStatus.ENABLED);
        });
        QuotaAudit audit = decision.audit();
        assertThat(audit.getCommand()).isEqualTo(CommandKind.PUT_WEBHOOK);
        assertThat(audit.getSubject()).isEqualTo("ops");
        assertThat(audit.getActor()).isEqualTo("ops");
        assertThat(audit.getCreated()).isTrue();
        assertThat(audit.getVersion()).isEqualTo(decision.webhook().orElseThrow().getVersion());
        assertThat(audit.getChanges()).contains(new AuditChange("secrets", "", "[\"k1\"]"),
                new AuditChange("url", "", "\"https://hooks.example.org/\""));
    }

    @Test
    void replacesItAndKeepsKeysThatAreNotGivenAndSinceWhenItIsEnabled() {
        long version = decide(put("ops")).audit().getVersion();

        WebhookDesk.Decision decision = decide(put("ops").setSecrets(null).setUrl("https://other.example.org/")
                .setIfMatch(version).build(), NOW.plusSeconds(9));

        assertThat(decision.webhook()).hasValueSatisfying(webhook -> {
            assertThat(webhook.getVersion()).isGreaterThan(version);
            assertThat(webhook.getSecrets()).extracting(WebhookSecret::getId).containsExactly("k1");
            assertThat(webhook.getEnabledAt()).isEqualTo(NOW);
        });
        assertThat(decision.audit().getCreated()).isFalse();
        assertThat(decision.audit().getChanges()).extracting(AuditChange::getField).containsExactly("url");
        assertRefused(put("ops").setIfMatch(version), CommandRefusal.VERSION_MISMATCH, "");
        assertRefused(put("ops").setIfMatch(0L), CommandRefusal.VERSION_MISMATCH, "");
    }

    @Test
    void aWebhookThatIsMadeAgainHasAnotherVersionEvenIfTheClockStandsStill() {
        long first = decide(put("ops")).audit().getVersion();
        long second = decide(put("ops")).audit().getVersion();
        assertThat(decide(command("ops", WebhookAction.DELETE)).removed()).isTrue();

        long again = decide(put("ops").build(), NOW.plusMillis(2)).audit().getVersion();

        assertThat(second).isGreaterThan(first);
        assertThat(again).isGreaterThan(second);
    }

    @Test
    void aCommandThatComesTwiceIsAnsweredTwiceAndCarriedOutOnce() {
        WebhookCommand command = put("ops").build();
        WebhookDesk.Decision first = decide(command, NOW);

        WebhookDesk.Decision second = desk.decide(command, NOW.plusSeconds(1));

        assertThat(second.repeated()).isTrue();
        assertThat(second.audit()).isEqualTo(first.audit());
        assertThat(second.webhook()).isEmpty();
    }

    @Test
    void whatDisablesAWebhookHasSeenItAndAWriteEnablesItAgain() {
        long version = decide(put("ops")).audit().getVersion();
        long newer = decide(put("ops")).audit().getVersion();
        assertRefused(command("ops", WebhookAction.DISABLE).setIfMatch(version), CommandRefusal.VERSION_MISMATCH, "");

        WebhookDesk.Decision disabled = decide(
                command("ops", WebhookAction.DISABLE).setIfMatch(newer).setReason("the endpoint answered 410"));
        WebhookDesk.Decision enabled = decide(put("ops").build(), NOW.plusSeconds(60));

        assertThat(disabled.webhook().orElseThrow().getStatus()).isEqualTo(WebhookStatus.DISABLED);
        assertThat(disabled.webhook().orElseThrow().getDisabledReason()).contains("410");
        assertThat(disabled.audit().getReason()).contains("410");
        assertThat(enabled.webhook().orElseThrow().getStatus()).isEqualTo(WebhookStatus.ENABLED);
        assertThat(enabled.webhook().orElseThrow().getDisabledReason()).isEmpty();
        assertThat(enabled.webhook().orElseThrow().getEnabledAt()).isEqualTo(NOW.plusSeconds(60));
    }

    @Test
    void testsAndReportsAreAuditedAndChangeNothing() {
        decide(put("ops"));

        assertThat(decide(command("ops", WebhookAction.TEST)).audit().getCommand())
                .isEqualTo(CommandKind.TEST_WEBHOOK);
        WebhookDesk.Decision report = decide(command("ops", WebhookAction.REPORT).setReason("x".repeat(9_000)));

        assertThat(report.audit().getCommand()).isEqualTo(CommandKind.REPORT_WEBHOOK);
        assertThat(report.audit().getReason().length()).isLessThan(600);
        assertThat(report.webhook()).isEmpty();
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertRefused(put("ops").setSecrets(null), CommandRefusal.INVALID, "secrets");
        assertRefused(put("ops").setSecrets(List.of()), CommandRefusal.INVALID, "secrets");
        assertRefused(put("ops").setSecrets(List.of(secret("a"), secret("a"))), CommandRefusal.INVALID, "secrets");
        assertRefused(put("ops").setSecrets(List.of(secret("a"), secret("b"), secret("c"))), CommandRefusal.INVALID,
                "secrets");
        assertRefused(put("ops").setSecrets(List.of(new WebhookSecret("a", ByteBuffer.wrap(new byte[8])))),
                CommandRefusal.INVALID, "secrets");
        assertRefused(put("ops").setUrl("file:///etc/passwd"), CommandRefusal.INVALID, "url");
        assertRefused(put("ops").setEvents(List.of("nonsense")), CommandRefusal.INVALID, "events");
        assertRefused(put("ops").setStatus(WebhookStatus.UNKNOWN), CommandRefusal.INVALID, "status");
        assertRefused(put("Not A Name"), CommandRefusal.INVALID, "name");
        assertRefused(command("ghost", WebhookAction.DELETE), CommandRefusal.NOT_FOUND, "");
        assertRefused(command("ghost", WebhookAction.TEST), CommandRefusal.NOT_FOUND, "");
        assertRefused(put("ops").setTenantId("ghost"), CommandRefusal.NOT_FOUND, "");
        become(TenantStatus.DELETED);
        assertRefused(put("ops"), CommandRefusal.NOT_FOUND, "");
    }

    @Test
    void aTenantHasNoMoreThanEight() {
        for (int i = 0; i < 8; i++) {
            assertThat(decide(put("w" + i)).webhook()).isPresent();
        }
        assertRefused(put("w8"), CommandRefusal.INVALID, "name");
        assertThat(decide(put("w7")).webhook()).isPresent();
    }
}
