package io.turnpike.client;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import io.turnpike.stun.Lifetime;
import io.turnpike.stun.MobilityTicket;
import io.turnpike.stun.ReservationToken;
import io.turnpike.stun.XorMappedAddress;
import io.turnpike.stun.XorRelayedAddress;

/**
 * What a successful Allocate gave (RFC 8656 section 7.3).
 *
 * @param relayed
 *            the relayed transport address
 * @param mapped
 *            the client's address as the server sees it
 * @param lifetime
 *            until the allocation ends, if it is not refreshed
 * @param reservation
 *            the token of a held port, if one was asked for
 * @param mobilityTicket
 *            takes the allocation to another connection, if one was asked for (RFC 8016 section 3.1)
 */
public record Allocation(InetSocketAddress relayed, InetSocketAddress mapped, Duration lifetime,
        OptionalLong reservation, Optional<MobilityTicket> mobilityTicket) {

    /** Reads the response; throws IllegalStateException that names what RFC 8656 demands and the answer lacks. */
    static Allocation from(StunAnswer answer) {
        List<String> missing = new ArrayList<>();
        InetSocketAddress relayed = answer.get(XorRelayedAddress.class).map(XorRelayedAddress::address).orElse(null);
        InetSocketAddress mapped = answer.get(XorMappedAddress.class).map(XorMappedAddress::address).orElse(null);
        Lifetime lifetime = answer.get(Lifetime.class).orElse(null);
        if (relayed == null) {
            missing.add("XOR-RELAYED-ADDRESS");
        }
        if (mapped == null) {
            missing.add("XOR-MAPPED-ADDRESS");
        }
        if (lifetime == null) {
            missing.add("LIFETIME");
        }
        if (!missing.isEmpty()) {
            throw new IllegalStateException("the Allocate success response lacks " + String.join(", ", missing));
        }
        OptionalLong reservation = answer.get(ReservationToken.class).map(token -> OptionalLong.of(token.token()))
                .orElse(OptionalLong.empty());
        return new Allocation(relayed, mapped, Duration.ofSeconds(lifetime.seconds()), reservation,
                answer.get(MobilityTicket.class));
    }
}
