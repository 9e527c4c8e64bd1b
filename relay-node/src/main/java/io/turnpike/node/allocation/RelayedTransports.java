package io.turnpike.node.allocation;

import io.turnpike.node.event.RelayTransport;
import io.turnpike.stun.AddressErrorCode;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.ErrorCode;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Turns a {@link RelayPlan} into open relay sockets on chosen ports. One for each event loop, over the node's shared
 * port tables. Confined to the loop.
 */
public final class RelayedTransports {
    /** How many ports are tried when other programs sit on some of them. */
    private static final int ATTEMPTS = 16;

    private final List<RelayPool> ipv4;
    private final List<RelayPool> ipv6;
    private final RelayedAddresses liveUdp;
    private final RelayedAddresses liveTcp;
    private final RelaySockets sockets;

    /**
     * The ports of one relay address and those held by tokens; shared by the loops.
     *
     * @param host which of its family's relay addresses, from 0
     * @param ports its ports
     * @param reservations those of them that tokens hold
     */
    public record RelayPool(int host, RelayPorts ports, Reservations reservations) {}

    private record Taken(RelayPool pool, int port) {}

    /** Hears what comes from peers, whichever the protocol. */
    public interface Receiver extends RelaySocket.Receiver, RelayListener.Receiver {}

    /**
     * What came of a plan.
     *
     * @param transports open transports; empty if the plan failed
     * @param token token of the held port
     * @param missing why one of two families is missing
     */
    public record Opened(List<RelayedTransport> transports, OptionalLong token, Optional<AddressErrorCode> missing) {}

    /**
     * Opens nothing yet.
     *
     * @param ipv4 ports of each IPv4 relay address
     * @param ipv6 ports of each IPv6 relay address
     * @param liveUdp where live relayed UDP addresses are noted
     * @param liveTcp where live relayed TCP addresses are noted
     * @param sockets opens sockets on this loop
     */
    public RelayedTransports(List<RelayPool> ipv4, List<RelayPool> ipv6, RelayedAddresses liveUdp,
            RelayedAddresses liveTcp, RelaySockets sockets) {
        this.ipv4 = List.copyOf(ipv4);
        this.ipv6 = List.copyOf(ipv6);
        this.liveUdp = liveUdp;
        this.liveTcp = liveTcp;
        this.sockets = sockets;
    }

    /** Whether this node relays on the family. */
    public boolean supports(AddressFamily family) {
        return sockets.supports(protocolFamily(family));
    }

    /** Whether datagrams to peers can have the DF bit. */
    boolean canSetDontFragment() {
        return sockets.canSetDontFragment();
    }

    /** Opens what the plan wants; {@link Opened#transports} is empty where the answer must be 508. */
    public Opened open(RelayPlan plan, String user, Receiver receiver) {
        if (plan.reservation().isPresent()) {
            return openReserved(plan.reservation().getAsLong(), user, receiver);
        }
        if (plan.port() == RelayPlan.PortWish.EVEN_AND_HOLD_NEXT) {
            return openPair(plan.families().get(0), user, receiver);
        }
        List<RelayedTransport> opened = new ArrayList<>(2);
        Optional<AddressErrorCode> missing = Optional.empty();
        for (AddressFamily family : plan.families()) {
            if (!supports(family)) {
                missing = Optional.of(new AddressErrorCode(family, ErrorCode.ADDRESS_FAMILY_NOT_SUPPORTED));
                continue;
            }
            Optional<RelayedTransport> transport = openOne(plan.transport(), family, plan.port(), user, receiver);
            if (transport.isEmpty()) {
                missing = Optional.of(new AddressErrorCode(family, ErrorCode.INSUFFICIENT_CAPACITY));
            }
            transport.ifPresent(opened::add);
        }
        return new Opened(opened, OptionalLong.empty(), missing);
    }

    /** Frees the ports whose tokens ran out. */
    public void expireReservations() {
        ipv4.forEach(pool -> pool.reservations.expire());
        ipv6.forEach(pool -> pool.reservations.expire());
    }

    /** Lets go of all ports that tokens hold, for the node's stop. */
    public void releaseReservations() {
        ipv4.forEach(pool -> pool.reservations.releaseAll());
        ipv6.forEach(pool -> pool.reservations.releaseAll());
    }

    private Optional<RelayedTransport> openOne(RelayTransport protocol, AddressFamily family, RelayPlan.PortWish wish,
            String user,
            Receiver receiver) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<Taken> taken = wish == RelayPlan.PortWish.ANY
                    ? take(pools(family), RelayPorts::freeCount, ports -> ports.take(user))
                    : take(pools(family), RelayPorts::freeEvenCount, ports -> ports.takeEven(user));
            if (taken.isEmpty()) {
                return Optional.empty();
            }
            Optional<RelayedTransport> transport = bind(protocol, family, taken.get(), user, receiver);
            if (transport.isPresent()) {
                return transport;
            }
        }
        return Optional.empty();
    }

    private Opened openPair(AddressFamily family, String user, Receiver receiver) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<Taken> taken = take(
                    pools(family).stream().filter(each -> each.reservations.mayHold(user)).toList(),
                    RelayPorts::freeEvenCount, ports -> ports.takePair(user));
            if (taken.isEmpty()) {
                break;
            }
            RelayPool pool = taken.get().pool;
            int next = taken.get().port + 1;
            Optional<HeldPort> held = sockets.hold(protocolFamily(family), pool.host, next);
            if (held.isEmpty()) {
                pool.ports.release(taken.get().port, user);
                pool.ports.release(next, user);
                continue;
            }
            Optional<RelayedTransport> transport = bind(RelayTransport.UDP, family, taken.get(), user, receiver);
            if (transport.isPresent()) {
                long token = pool.reservations.hold(next, held.get(), user);
                return new Opened(List.of(transport.get()), OptionalLong.of(token), Optional.empty());
            }
            held.get().release();
            pool.ports.release(next, user);
        }
        return nothing();
    }

    private Opened openReserved(long token, String user, Receiver receiver) {
        for (AddressFamily family : AddressFamily.values()) {
            for (RelayPool pool : pools(family)) {
                OptionalInt port = pool.reservations.redeem(token, user);
                if (port.isPresent()) {
                    return bind(RelayTransport.UDP, family, new Taken(pool, port.getAsInt()), user, receiver)
                            .map(transport -> new Opened(List.of(transport), OptionalLong.empty(), Optional.empty()))
                            .orElseGet(RelayedTransports::nothing);
                }
            }
        }
        return nothing();
    }

    /**
     * A port of the address that has the most free ones, so that no rest is cut short while another address has a free one;
     * or of another if that has none that will do.
     */
    private static Optional<Taken> take(List<RelayPool> pools, ToIntFunction<RelayPorts> freeCount,
            Function<RelayPorts, OptionalInt> wanted) {
        RelayPool freest = null;
        int free = -1;
        for (RelayPool pool : pools) {
            int ofPool = freeCount.applyAsInt(pool.ports);
            if (ofPool > free) {
                freest = pool;
                free = ofPool;
            }
        }
        Optional<Taken> taken = freest == null ? Optional.empty() : take(freest, wanted);
        for (int i = 0; i < pools.size() && taken.isEmpty(); i++) {
            taken = take(pools.get(i), wanted);
        }
        return taken;
    }

    private static Optional<Taken> take(RelayPool pool, Function<RelayPorts, OptionalInt> wanted) {
        OptionalInt port = wanted.apply(pool.ports);
        return port.isPresent() ? Optional.of(new Taken(pool, port.getAsInt())) : Optional.empty();
    }

    private Optional<RelayedTransport> bind(RelayTransport protocol, AddressFamily family, Taken taken, String user,
            Receiver receiver) {
        int host = taken.pool.host;
        RelayPorts ports = taken.pool.ports;
        Optional<? extends RelayPort> socket = switch (protocol) {
            case UDP -> sockets.open(protocolFamily(family), host, taken.port, receiver);
            case TCP -> sockets.listen(protocolFamily(family), host, taken.port, receiver);
        };
        if (socket.isEmpty()) {
            ports.release(taken.port, user);
        }
        return socket
                .map(opened -> new RelayedTransport(opened, ports, protocol == RelayTransport.TCP ? liveTcp : liveUdp));
    }

    private List<RelayPool> pools(AddressFamily family) {
        return family == AddressFamily.IPV6 ? ipv6 : ipv4;
    }

    private static ProtocolFamily protocolFamily(AddressFamily family) {
        return family == AddressFamily.IPV6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    }

    private static Opened nothing() {
        return new Opened(List.of(), OptionalLong.empty(), Optional.empty());
    }
}
