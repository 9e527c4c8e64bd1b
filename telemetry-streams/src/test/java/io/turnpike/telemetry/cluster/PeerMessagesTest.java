package io.turnpike.telemetry.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.contract.RecordCodec;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.telemetry.query.QuotaEvent;
import java.io.IOException;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PeerMessagesTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:17:42Z");

    @Test
    void anInstanceThatKnowsNoUsersInAHistoryTellsOfTheTenant() throws IOException {
        ObjectNode told = (ObjectNode) PeerMessages.tree(event(""));
        told.remove("userId");
        assertThat(PeerMessages.read(told, QuotaEvent.class)).isEqualTo(event(""));
    }

    @Test
    void passesOverWhatANewerInstanceAdds() throws IOException {
        ObjectNode told = (ObjectNode) PeerMessages.tree(event("al"));
        told.put("addedLater", 1);
        assertThat(PeerMessages.read(told, QuotaEvent.class)).isEqualTo(event("al"));
    }

    private static QuotaEvent event(String user) {
        RecordCodec.prepareAvro();
        return QuotaEvent.of("1", QuotaAudit.newBuilder().setTenantId("acme").setUserId(user).setOccurredAt(NOW)
                .setKind(AuditKind.STATE_CHANGED).build());
    }
}
