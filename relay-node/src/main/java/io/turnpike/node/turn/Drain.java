package io.turnpike.node.turn;

import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.config.AlternateConfig;
import io.turnpike.node.config.DrainConfig;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.AlternateDomain;
import io.turnpike.stun.AlternateServer;
import io.turnpike.stun.ErrorCode;
import io.turnpike.stun.ErrorCodeAttribute;
import io.turnpike.stun.StunAttribute;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Whether the node takes new clients and, while it does not, where they go instead (300 Try Alternate, RFC 8489 section
 * 10). Live allocations are not touched by it. Thread-safe: the operator's side writes, event loops read.
 */
public final class Drain {
    private final List<Alternate> alternates;
    private final LongSupplier nanoClock;
    private final AtomicInteger turn = new AtomicInteger();
    private final LongAdder redirected = new LongAdder();
    private volatile State state = State.SERVING;

    /** A deadline is of the monotonic clock, and means something only while draining with one. */
    private record State(boolean draining, boolean bounded, long deadlineNanos) {
        private static final State SERVING = new State(false, false, 0);
    }

    private record Alternate(Optional<ClientTransport> transport, InetSocketAddress address,
            Optional<AlternateDomain> domain) {
        boolean takes(FiveTuple client) {
            return AddressFamily.of(address.getAddress()) == AddressFamily.of(client.client().getAddress())
                    && transport.orElse(client.transport()) == client.transport();
        }
    }

    /**
     * Serves at first.
     *
     * @param config where clients go
     * @param nanoClock monotonic clock
     */
    public Drain(DrainConfig config, LongSupplier nanoClock) {
        this.alternates = config.alternates().stream().map(Drain::alternate).toList();
        this.nanoClock = nanoClock;
    }

    private static Alternate alternate(AlternateConfig config) {
        return new Alternate(config.transport(), config.address(), config.domain().map(AlternateDomain::new));
    }

    /** From now on new clients are sent away; a deadline shortens what a Refresh grants. */
    public void begin(Optional<Duration> deadline) {
        state = new State(true, deadline.isPresent(),
                nanoClock.getAsLong() + deadline.orElse(Duration.ZERO).toNanos());
    }

    /** Takes new clients again. */
    public void end() {
        state = State.SERVING;
    }

    /** Whether new clients are sent away. */
    public boolean isDraining() {
        return state.draining;
    }

    /** Time to the deadline, at least 0; empty if there is none. */
    public Optional<Duration> remaining() {
        State now = state;
        return now.bounded
                ? Optional.of(Duration.ofNanos(Math.max(0, now.deadlineNanos - nanoClock.getAsLong())))
                : Optional.empty();
    }

    /** Whether the deadline is past: live allocations are to be ended. */
    public boolean isOver() {
        State now = state;
        return now.bounded && nanoClock.getAsLong() - now.deadlineNanos >= 0;
    }

    /** Clients that were sent to another server so far. */
    public long redirected() {
        return redirected.sum();
    }

    /**
     * The attributes of the answer that sends a client away: 300 with a server of its transport and family, in turn, or
     * 508 where none is known, because a 300 without ALTERNATE-SERVER is no answer.
     */
    List<StunAttribute> refusal(FiveTuple client) {
        List<Alternate> fitting = alternates.stream().filter(alternate -> alternate.takes(client)).toList();
        if (fitting.isEmpty()) {
            return List.of(new ErrorCodeAttribute(ErrorCode.INSUFFICIENT_CAPACITY));
        }
        redirected.increment();
        Alternate chosen = fitting.get(Math.floorMod(turn.getAndIncrement(), fitting.size()));
        List<StunAttribute> attributes = new ArrayList<>();
        attributes.add(new ErrorCodeAttribute(ErrorCode.TRY_ALTERNATE));
        attributes.add(new AlternateServer(chosen.address));
        if (client.transport() == ClientTransport.TLS || client.transport() == ClientTransport.DTLS) {
            // RFC 8489 section 10: only a certificate makes a name worth checking.
            chosen.domain.ifPresent(attributes::add);
        }
        return attributes;
    }

    /** A refreshed lifetime that does not reach beyond the deadline; at least a second, because 0 would delete. */
    Duration withinDeadline(Duration lifetime) {
        Optional<Duration> left = remaining();
        if (left.isEmpty() || left.get().compareTo(lifetime) >= 0) {
            return lifetime;
        }
        return Duration.ofSeconds(Math.max(1, left.get().toSeconds()));
    }
}
