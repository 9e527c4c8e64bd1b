package io.turnpike.node.turn;

import io.turnpike.node.allocation.AllocationOwner;
import io.turnpike.node.allocation.AllocationOrigin;
import io.turnpike.node.allocation.ClientLeg;
import io.turnpike.node.allocation.ClientPrefix;
import io.turnpike.node.auth.AuthFailure;
import io.turnpike.node.auth.AuthResult;
import io.turnpike.node.auth.SamplingGuard;
import io.turnpike.node.event.AllocationRejected;
import io.turnpike.node.event.AuthenticationFailed;
import io.turnpike.node.event.EventSink;
import io.turnpike.node.usage.DropCounts;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.ErrorCode;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/**
 * Counts and tells what requests came to nothing. Refused Allocates of known users are events; failures to authenticate
 * are counted, and those of known tenants are sampled as events, so that a flood cannot fill the buffer. Confined to its
 * event loop, except for reading the counts.
 */
public final class RequestLog {
    private static final AuthFailure[] FAILURES = AuthFailure.values();

    private final EventSink events;
    private final Clock wallClock;
    private final LongSupplier nanoClock;
    private final DropCounts drops;
    private final AtomicLongArray unauthenticated = new AtomicLongArray(FAILURES.length);
    private final SamplingGuard guard;

    /**
     * Starts at zero.
     *
     * @param events takes the events
     * @param wallClock time of the events
     * @param nanoClock monotonic clock
     * @param guard lets a bounded number of failures through; shared by the loops
     * @param drops this loop's drop counters
     */
    public RequestLog(EventSink events, Clock wallClock, LongSupplier nanoClock, SamplingGuard guard,
            DropCounts drops) {
        this.events = events;
        this.wallClock = wallClock;
        this.nanoClock = nanoClock;
        this.guard = guard;
        this.drops = drops;
    }

    void drop(DropReason reason) {
        drops.count(reason);
    }

    void rejected(ClientLeg leg, AllocationOwner owner, AllocationOrigin origin, ErrorCode error) {
        events.offer(new AllocationRejected(wallClock.instant(), owner.tenantId(), owner.userId(), error.code(),
                leg.fiveTuple().transport(), prefix(leg), origin.software(), origin.sinceFirstRequest()));
    }

    void challenged(ClientLeg leg, AuthResult.Challenge challenge, String software) {
        AuthFailure failure = challenge.failure();
        refused(failure);
        if (failure.isRoutine() || challenge.tenantId().isEmpty()) {
            return;
        }
        String tenantId = challenge.tenantId().get();
        guard.admit(tenantId, nanoClock.getAsLong()).ifPresent(leftOut -> events.offer(new AuthenticationFailed(
                wallClock.instant(), tenantId, challenge.userId().orElse(""), failure.errorCode(),
                leg.fiveTuple().transport(), prefix(leg), software, leftOut)));
    }

    void refused(AuthFailure failure) {
        int index = failure.ordinal();
        unauthenticated.setOpaque(index, unauthenticated.getPlain(index) + 1);
    }

    /** Answers given before authentication so far for one reason; may be read from any thread. */
    public long unauthenticated(AuthFailure failure) {
        return unauthenticated.getOpaque(failure.ordinal());
    }

    /** Answers given before authentication so far, by error code; may be read from any thread. */
    public Map<String, Long> unauthenticated() {
        Map<String, Long> result = new LinkedHashMap<>();
        for (AuthFailure failure : FAILURES) {
            long count = unauthenticated.getOpaque(failure.ordinal());
            if (count > 0) {
                result.merge(Integer.toString(failure.errorCode()), count, Long::sum);
            }
        }
        return result;
    }

    private static String prefix(ClientLeg leg) {
        return ClientPrefix.of(leg.fiveTuple().client().getAddress());
    }
}
