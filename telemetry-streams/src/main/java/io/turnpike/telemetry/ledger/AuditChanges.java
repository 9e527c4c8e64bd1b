package io.turnpike.telemetry.ledger;

import io.turnpike.control.v1.AccessTokenKey;
import io.turnpike.control.v1.AuditChange;
import io.turnpike.control.v1.TenantSecret;
import io.turnpike.control.v1.WebhookSecret;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/** What a write changed, field by field, for its audit. Of secrets only the names are told. */
final class AuditChanges {
    /** Fields that every write changes, or none may. */
    private static final Set<String> BOOKKEEPING = Set.of("tenantId", "name", "version", "policyEpoch", "enabledAt",
            "disabledReason", "updatedAt");

    private AuditChanges() {}

    /** The fields in which two records of one schema differ; all of them if there was none before. */
    static <R extends SpecificRecord> List<AuditChange> between(Optional<R> before, R after) {
        List<AuditChange> changes = new ArrayList<>();
        for (Schema.Field field : after.getSchema().getFields()) {
            Object old = before.map(record -> record.get(field.pos())).orElse(null);
            Object now = after.get(field.pos());
            boolean isNew = before.isEmpty() || !Objects.equals(old, now);
            if (isNew && !BOOKKEEPING.contains(field.name())) {
                changes.add(new AuditChange(field.name(), before.isEmpty() ? "" : json(old), json(now)));
            }
        }
        return changes;
    }

    private static String json(Object value) {
        if (value instanceof List<?> list) {
            return SpecificData.get().toString(list.stream().map(AuditChanges::shown).toList());
        }
        return SpecificData.get().toString(value);
    }

    private static Object shown(Object entry) {
        if (entry instanceof TenantSecret secret) {
            return secret.getId();
        }
        if (entry instanceof WebhookSecret secret) {
            return secret.getId();
        }
        return entry instanceof AccessTokenKey key ? key.getId() : entry;
    }
}
