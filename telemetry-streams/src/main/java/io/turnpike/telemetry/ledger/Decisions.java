package io.turnpike.telemetry.ledger;

import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaGrant;
import java.util.List;
import java.util.stream.Stream;

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

    /** These, then others of the same record. */
    Decisions and(Decisions others) {
        if (this == NONE || others == NONE) {
            return this == NONE ? others : this;
        }
        return new Decisions(Stream.concat(grants.stream(), others.grants.stream()).toList(),
                Stream.concat(audits.stream(), others.audits.stream()).toList());
    }
}
