package io.turnpike.telemetry.ledger;

import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaGrant;
import java.util.List;

/**
 * What the ledger decided on one record, to be published in the record's transaction.
 *
 * @param grants full states of the accounts whose nodes must hear of them
 * @param audits transitions and alarms, in the order in which they came about
 */
public record Decisions(List<QuotaGrant> grants, List<QuotaAudit> audits) {
    /** Nothing to publish. */
    public static final Decisions NONE = new Decisions(List.of(), List.of());

    /** Keeps copies. */
    public Decisions {
        grants = List.copyOf(grants);
        audits = List.copyOf(audits);
    }

    /** All that was decided on one record, in the order of its parts. */
    static Decisions of(List<Decisions> parts) {
        List<QuotaGrant> grants = parts.stream().flatMap(part -> part.grants.stream()).toList();
        List<QuotaAudit> audits = parts.stream().flatMap(part -> part.audits.stream()).toList();
        return grants.isEmpty() && audits.isEmpty() ? NONE : new Decisions(grants, audits);
    }
}
