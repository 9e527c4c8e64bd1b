package io.turnpike.telemetry.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.contract.AuditEvent;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaState;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * An audit as it is sent.
 *
 * @param partition partition of the audit topic
 * @param offset place in the partition
 * @param type what it tells
 * @param audit the audit
 */
record Event(int partition, long offset, AuditEvent type, QuotaAudit audit) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What an audit is as an event, if it is one. */
    static Optional<Event> of(int partition, long offset, QuotaAudit audit) {
        return AuditEvent.of(audit).map(type -> new Event(partition, offset, type, audit));
    }

    /** When it happened. */
    Instant occurredAt() {
        return audit.getOccurredAt();
    }

    /**
     * The id by which receivers know a repetition: the place in the audit topic, and the time, in case the topic is ever
     * made anew. Equal for each attempt, by any instance, at any time.
     */
    String id() {
        return "evt_" + Long.toString(occurredAt().toEpochMilli(), Character.MAX_RADIX) + '_' + partition + '_'
                + offset;
    }

    /** The body: JSON in UTF-8, the same bytes for each attempt of one build. */
    byte[] body() {
        ObjectNode body = JSON.createObjectNode().put("type", type.type()).put("timestamp",
                occurredAt().truncatedTo(ChronoUnit.MILLIS).toString());
        ObjectNode data = body.putObject("data").put("tenant", audit.getTenantId())
                .put("user", audit.getUserId().isEmpty() ? null : audit.getUserId()).put("actor", audit.getActor())
                .put("commandId", audit.getCommandId()).put("subject", audit.getSubject())
                .put("version", audit.getVersion());
        state(data, "fromState", audit.getFromState());
        state(data, "toState", audit.getToState());
        data.put("periodId", audit.getPeriodId())
                .put("usedBytes", audit.getPeriodId().isEmpty() ? null : Long.valueOf(audit.getUsedBytes()))
                .put("limitBytes", audit.getLimitBytes() == 0 ? null : Long.valueOf(audit.getLimitBytes()));
        data.put("warnedPercent", audit.getWarnedPercent() == 0 ? null : Integer.valueOf(audit.getWarnedPercent()));
        ArrayNode changes = data.putArray("changes");
        audit.getChanges().forEach(change -> changes.addObject().put("field", change.getField())
                .put("before", change.getBefore()).put("after", change.getAfter()));
        data.put("reason", audit.getReason());
        try {
            return JSON.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree always renders", e);
        }
    }

    private static void state(ObjectNode data, String field, QuotaState state) {
        data.put(field, state == QuotaState.UNKNOWN ? null : state.name());
    }
}
