package io.turnpike.telemetry.ledger;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.contract.WarnPercents;
import io.turnpike.control.v1.QuotaState;
import java.time.Instant;

/** Where a quota stands: its period, its state, and since when it is enforced. Confined to the ledger's task. */
public final class QuotaStanding {
    private final QuotaScope scope;
    QuotaPeriod period;
    QuotaPeriod next;
    QuotaState state = QuotaState.OPEN;
    /** Highest of the policy's warnings that the period has passed, in per cent; 0 for none. */
    int warnedPercent;
    boolean limited;
    long limitedSinceEpoch;
    Instant limitedSince = Instant.EPOCH;

    /** A quota that the ledger meets for the first time. */
    public QuotaStanding(QuotaScope scope, QuotaPeriod period) {
        this.scope = scope;
        this.period = period;
    }

    /** Whose quota it is. */
    public QuotaScope scope() {
        return scope;
    }

    /** The period that runs, by the ledger's clock. */
    public QuotaPeriod period() {
        return period;
    }

    /** State of the whole quota. */
    public QuotaState state() {
        return state;
    }

    /** Whether the volume was enforced when the ledger last looked. */
    public boolean limited() {
        return limited;
    }

    /** First policy epoch of the present run of enforced policies. Nodes that follow an older one are not armed. */
    public long limitedSinceEpoch() {
        return limitedSinceEpoch;
    }

    /** When the present run of enforced policies began. */
    public Instant limitedSince() {
        return limitedSince;
    }

    /** The form in the store. */
    public byte[] toBytes() {
        return StateBytes.write(out -> {
            out.writeUTF(scope.text());
            StateBytes.writePeriod(out, period);
            StateBytes.writePeriod(out, next);
            out.writeUTF(state.name());
            out.writeBoolean(limited);
            out.writeLong(limitedSinceEpoch);
            StateBytes.writeInstant(out, limitedSince);
            out.writeByte(warnedPercent);
        });
    }

    /** Reads {@link #toBytes}. */
    public static QuotaStanding fromBytes(byte[] bytes) {
        return StateBytes.read(bytes, in -> {
            QuotaStanding quota = new QuotaStanding(QuotaScope.parse(in.readUTF()), StateBytes.readPeriod(in));
            quota.next = StateBytes.readPeriod(in);
            quota.state = QuotaState.valueOf(in.readUTF());
            quota.limited = in.readBoolean();
            quota.limitedSinceEpoch = in.readLong();
            quota.limitedSince = StateBytes.readInstant(in);
            quota.warnedPercent = in.available() > 0 ? in.readByte() : warnedBefore(quota.state);
            return quota;
        });
    }

    /** State of a build that knew one warning only. */
    private static int warnedBefore(QuotaState state) {
        return state == QuotaState.OPEN ? 0 : WarnPercents.DEFAULT.get(0);
    }
}
