package io.turnpike.node;

import io.turnpike.node.allocation.AllocationIds;
import io.turnpike.node.allocation.DrawnAhead;
import io.turnpike.node.allocation.PeerPolicy;
import io.turnpike.node.allocation.RelayPorts;
import io.turnpike.node.allocation.RelayedAddresses;
import io.turnpike.node.allocation.RelayedTransports.RelayPool;
import io.turnpike.node.allocation.Reservations;
import io.turnpike.node.allocation.Standing;
import io.turnpike.node.auth.LongTermCredentials;
import io.turnpike.node.auth.SamplingGuard;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.node.config.RelayConfig.RelayAddressConfig;
import io.turnpike.node.event.EventSink;
import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.quota.QuotaTable;
import io.turnpike.node.turn.AnswerBudget;
import io.turnpike.node.turn.Drain;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * What the event loops of a node share; everything in it is thread-safe.
 *
 * @param config the node's configuration
 * @param ids names allocations
 * @param events takes what happens
 * @param quota admission and credit
 * @param credentials who is asking
 * @param standing who may go on
 * @param guard bounds the events of failed authentications
 * @param answers bounds what strangers are answered
 * @param relayed live UDP relayed transport addresses
 * @param relayedTcp live TCP relayed transport addresses (RFC 6062)
 * @param peerPolicy which peers may be reached
 * @param ipv4 relay ports of each IPv4 address
 * @param ipv6 relay ports of each IPv6 address
 * @param drain whether new clients are taken
 * @param wallClock time of events
 * @param nanoClock monotonic clock
 */
record NodeServices(RelayConfig config, AllocationIds ids, EventSink events, QuotaTable quota,
        LongTermCredentials credentials, Standing standing, SamplingGuard guard, AnswerBudget answers,
        RelayedAddresses relayed,
        RelayedAddresses relayedTcp, PeerPolicy peerPolicy, List<RelayPool> ipv4, List<RelayPool> ipv6, Drain drain,
        Clock wallClock, LongSupplier nanoClock) {
    /** RFC 8656 section 7.2 asks for at least 30 s. */
    private static final Duration RESERVATION_LIFETIME = Duration.ofSeconds(30);

    static NodeServices of(RelayConfig config, NodeIdentity node, EventSink events, QuotaTable quota,
            LongTermCredentials credentials, Standing standing) {
        RelayedAddresses relayed = new RelayedAddresses();
        RelayedAddresses relayedTcp = new RelayedAddresses();
        LongSupplier nanoClock = System::nanoTime;
        return new NodeServices(config, new AllocationIds(node), events, quota, credentials, standing,
                new SamplingGuard(), new AnswerBudget(config.answers(), nanoClock), relayed, relayedTcp,
                new PeerPolicy(config.peers(), relayed, relayedTcp),
                pools(config.relay(), config.relay().ipv4().size(), nanoClock),
                pools(config.relay(), config.relay().ipv6().size(), nanoClock), new Drain(config.drain(), nanoClock),
                Clock.systemUTC(), nanoClock);
    }

    private static List<RelayPool> pools(RelayAddressConfig config, int hosts, LongSupplier nanoClock) {
        return IntStream.range(0, hosts).mapToObj(host -> pool(host, config, nanoClock)).toList();
    }

    private static RelayPool pool(int host, RelayAddressConfig config, LongSupplier nanoClock) {
        SecureRandom random = new SecureRandom();
        RelayPorts ports = new RelayPorts(config.portMin(), config.portMax(), config.portRest(), nanoClock,
                new DrawnAhead(random));
        return new RelayPool(host, ports, new Reservations(ports, RESERVATION_LIFETIME, nanoClock, random));
    }
}
