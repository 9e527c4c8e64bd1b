package io.turnpike.system.quota;

import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.telemetry.ledger.QuotaAccount;
import java.util.Map;
import java.util.TreeMap;

/**
 * What follows from the records that the ledger has consumed, worked out apart from it: a transaction that is aborted takes
 * these facts back too.
 */
final class LedgerFacts {
    final Map<String, QuotaAccount> accounts;
    /** Sum of the charges of each period. */
    final Map<String, Long> charges;
    /** Most that may be forwarded in each period: the volume, or what was charged when it was lowered. */
    final Map<String, Long> bounds;
    /** Newest policy epoch in the reports of each process. */
    final Map<String, Long> acknowledged;
    /** Highest rate in the reports of each process. */
    final Map<String, Long> rates;
    /** Sequence of the newest report of each process, and of each account. */
    final Map<String, Long> reportSeqs;
    /** When the newest report of each account was consumed, by the ledger's clock. */
    final Map<String, Long> reportedAtMillis;
    /** The newest period that the quota was in, by the length of its name: of days and of months. */
    final Map<Integer, String> newestPeriods;
    QuotaPolicy policy;
    long limitedSinceEpoch;

    LedgerFacts(QuotaPolicy defaultPolicy) {
        accounts = new TreeMap<>();
        charges = new TreeMap<>();
        bounds = new TreeMap<>();
        acknowledged = new TreeMap<>();
        rates = new TreeMap<>();
        reportSeqs = new TreeMap<>();
        reportedAtMillis = new TreeMap<>();
        newestPeriods = new TreeMap<>();
        policy = defaultPolicy;
    }

    LedgerFacts(LedgerFacts other) {
        accounts = new TreeMap<>(other.accounts);
        charges = new TreeMap<>(other.charges);
        bounds = new TreeMap<>(other.bounds);
        acknowledged = new TreeMap<>(other.acknowledged);
        rates = new TreeMap<>(other.rates);
        reportSeqs = new TreeMap<>(other.reportSeqs);
        reportedAtMillis = new TreeMap<>(other.reportedAtMillis);
        newestPeriods = new TreeMap<>(other.newestPeriods);
        policy = other.policy;
        limitedSinceEpoch = other.limitedSinceEpoch;
    }

    boolean limited() {
        return isLimited(policy);
    }

    static boolean isLimited(QuotaPolicy policy) {
        return policy.getMode() == QuotaMode.HARD && policy.getVolumeBytes() != null;
    }

    long chargeOf(String periodId) {
        return charges.getOrDefault(periodId, 0L);
    }

    /** Most that may be forwarded in the period. */
    long boundOf(String periodId) {
        return bounds.getOrDefault(periodId, policy.getVolumeBytes());
    }

    boolean isArmed(String process) {
        return limited() && acknowledged.getOrDefault(process, -1L) >= limitedSinceEpoch;
    }
}
