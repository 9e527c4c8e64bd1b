package io.turnpike.system.quota;

import java.util.function.Supplier;

/** What must hold in each step, and what at the end; docs/quota-protocol.md says which rule each one guards. */
public enum Invariant {
    /** What was forwarded in a period stays within the volume, or within what was charged when it was lowered. */
    FORWARDED_WITHIN_QUOTA,
    /** A grant is made only while all charges of the period, this grant included, fit the volume. */
    CHARGES_WITHIN_QUOTA,
    /** No process may draw more than the ledger charges it with. */
    CAP_WITHIN_CHARGE,
    /** A process knows no grant that the ledger does not know. */
    NO_UNKNOWN_GRANT,
    /** The running sums of the ledger are the sums over its accounts. */
    SUMS_ADD_UP,
    /** The compacted grant topic holds each account as the ledger has it. */
    TOPIC_HOLDS_EVERY_CHARGE,
    /** What a process has drawn and spent never falls, neither in its books nor in the ledger's. */
    USE_NEVER_FALLS,
    /** The sequence of an account grows with each change of its allowance. */
    SEQUENCE_GROWS,
    /** An allowance rises only in the transaction of a report or a policy. */
    RAISED_BY_A_RECORD_ONLY,
    /** A charge falls only by a report of the process that holds the credit. */
    LOWERED_BY_ITS_HOLDER_ONLY,
    /** A settled account is not granted to, and stays settled. */
    FINAL_IS_FINAL,
    /** An account is kept until its period is over for long. */
    CHARGES_ARE_KEPT,
    /** Credit is granted only to processes that have said that they enforce the volume. */
    ONLY_ARMED_PROCESSES_ARE_GRANTED,
    /** A process that has said that it enforces the volume forwards nothing without a grant. */
    ARMED_PROCESSES_NEED_CREDIT,
    /** The status claims a bound only when every live process has acknowledged, and the bound holds. */
    STATUS_TELLS_THE_TRUTH,
    /** No grant is larger than the size that the protocol states, slow start included. */
    GRANT_SIZE,
    /** A process that has seen a later one of its name spends nothing. */
    OLDER_TWIN_IS_FENCED,
    /** Two processes under one name raise an alarm. */
    TWINS_RAISE_AN_ALARM,
    /** Periods follow each other, and an enforced one lasts until its end. */
    PERIODS_GO_FORWARD,
    /** Nothing is drawn from a period that is over by the clock of the node. */
    PERIOD_BINDS_DRAWS,
    /** Every byte that was forwarded is in the node's books, under the period of the grant that it spent. */
    BYTES_ARE_BOOKED,
    /** Where a volume is enforced, nobody is admitted without a grant of his process. */
    ADMITTED_WITH_CREDIT_ONLY,
    /** A policy's epoch grows, also where a tenant was deleted and made again. */
    POLICY_EPOCH_GROWS,
    /** A grant that the ledger had forgotten is charged when a report names it, with an alarm, and nothing is added. */
    UNKNOWN_GRANTS_ARE_ADOPTED,
    /** A process that holds credit reports. */
    HOLDERS_REPORT,
    /** The next period's first grant is at a busy process before the period begins. */
    GRANTED_AHEAD,
    /** An Allocate is answered within the admission time-out. */
    ADMISSION_IS_ANSWERED,
    /** After the faults, whoever has demand gets credit while volume is free, and 99 % of the volume is usable. */
    VOLUME_IS_USABLE,
    /** Idle processes return everything. */
    IDLE_PROCESSES_RETURN_CREDIT,
    /** Idle users are closed, and forgotten when that is acknowledged. */
    IDLE_USERS_ARE_FORGOTTEN,
    /** Processes that stop are settled: charged with what they drew, which is within a slice of a loop of what they sent. */
    STOPPED_PROCESSES_ARE_SETTLED,
    /** At rest, unspent credit is charged only to processes that died before they settled. */
    STRANDED_AT_THE_DEAD_ONLY,
    /** What a killed process had written down ahead is settled by the next one, if that one could read it. */
    KILLED_PROCESSES_ARE_SETTLED,
    /** A killed process that is settled is charged with all that it drew. */
    SETTLED_ABOVE_USE,
    /** Beyond grants a node lets nothing be drawn under STOP, and no more than its grace in a period under SAFE_RATE. */
    GRACE_IS_BOUNDED,
    /** Beyond grants nothing is drawn while the ledger answers. */
    GRACE_ONLY_WITHOUT_CONTROL,
    /** What all nodes let pass in a second is within the cap, or within one that was lowered less than a lease ago. */
    RATE_WITHIN_CAP,
    /** Allocations that were admitted under a lease are within the caps of their time, of the tenant and of each user. */
    SLOTS_WITHIN_CAP,
    /** No alarm says that a process drew beyond its allowance, unless it forwarded where nothing was enforced. */
    ALARMS_ARE_TRUE,
    /** Neither the ledger nor a node throws. */
    NO_EXCEPTION;

    /** Ends the run, unless it holds. */
    static void require(boolean holds, Invariant invariant, String detail, Object... values) {
        if (!holds) {
            throw new InvariantBroken(invariant, String.format(detail, values));
        }
    }

    /** The same, where the detail is worth its work only in the end. */
    static void require(boolean holds, Invariant invariant, Supplier<String> detail) {
        if (!holds) {
            throw new InvariantBroken(invariant, detail.get());
        }
    }
}
