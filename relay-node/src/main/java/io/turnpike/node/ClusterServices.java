package io.turnpike.node;

import io.turnpike.node.allocation.PeerPolicy;
import io.turnpike.node.config.HostAndPort;
import io.turnpike.node.config.RelayConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the peer policy where the cluster's services are, so that no client reaches them through the relay: what this
 * node has bound, the brokers, and what {@code peers.services} names. Names are looked up again and again, brokers are
 * asked for, and this machine's addresses are listed anew, because all of them move. Thread-safe.
 */
final class ClusterServices implements AutoCloseable {
    /** How long an address stays denied after its name went on to others: some names take turns with their addresses. */
    static final Duration KEPT = Duration.ofHours(1);

    private static final Logger LOG = LoggerFactory.getLogger(ClusterServices.class);

    private final PeerPolicy policy;
    private final List<HostAndPort> configured;
    private final List<InetAddress> advertised;
    private final Sources sources;
    private final LongSupplier nanoClock;
    private final Set<InetSocketAddress> bound = new LinkedHashSet<>();
    private final Set<InetSocketAddress> listeners = new LinkedHashSet<>();
    private final Map<HostAndPort, Map<InetAddress, Long>> seenAtNanos = new HashMap<>();
    private final Set<String> unknownHosts = new HashSet<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "relay-services");
        thread.setDaemon(true);
        return thread;
    });

    /** Looks a name up. */
    @FunctionalInterface
    interface Names {
        InetAddress[] addressesOf(String host) throws UnknownHostException;
    }

    /** Where addresses come from: the resolver, this machine's interfaces, and Kafka. */
    record Sources(Names names, Supplier<Collection<InetAddress>> machine, Supplier<List<HostAndPort>> brokers) {
        static Sources ofMachine(Supplier<List<HostAndPort>> brokers) {
            return new Sources(InetAddress::getAllByName, ClusterServices::machineAddresses, brokers);
        }
    }

    ClusterServices(PeerPolicy policy, RelayConfig config, Sources sources, LongSupplier nanoClock) {
        this.policy = policy;
        this.sources = sources;
        this.nanoClock = nanoClock;
        configured = Stream.concat(config.peers().services().stream(),
                config.kafka().enabled() ? config.kafka().brokers().stream() : Stream.empty()).toList();
        advertised = Stream.of(config.relay().advertisedIpv4(), config.relay().advertisedIpv6())
                .flatMap(List::stream).map(RelayAddresses::address).toList();
    }

    /** Denies the configured services and brokers, before any client is served, and keeps them up to date. */
    static ClusterServices watch(PeerPolicy policy, RelayConfig config, Supplier<List<HostAndPort>> brokers) {
        ClusterServices services = new ClusterServices(policy, config, Sources.ofMachine(brokers), System::nanoTime);
        services.lookUp(services.configured);
        services.tell();
        long period = config.peers().refreshInterval().toMillis();
        services.timer.scheduleWithFixedDelay(services::refreshSafely, Math.min(period, 1_000), period,
                TimeUnit.MILLISECONDS);
        return services;
    }

    /** Denies a listener that this node has bound, also under the addresses by which it is known outside. */
    synchronized void addListener(InetSocketAddress listener) {
        listeners.add(listener);
        addBound(listener);
    }

    /** Denies another port that this node has bound. */
    synchronized void addBound(InetSocketAddress service) {
        bound.add(service);
        tell();
    }

    /** Looks everything up again; what cannot be looked up now stays denied where it was. */
    void refresh() {
        List<HostAndPort> all = new ArrayList<>(configured);
        all.addAll(sources.brokers().get());
        lookUp(all);
        tell();
    }

    private void refreshSafely() {
        try {
            refresh();
        } catch (RuntimeException e) {
            LOG.error("the cluster's services cannot be looked up; those known stay closed to peers", e);
        }
    }

    private void lookUp(List<HostAndPort> services) {
        for (HostAndPort service : services) {
            try {
                found(service, sources.names().addressesOf(service.host()));
            } catch (UnknownHostException e) {
                warnOnce(service.host());
            }
        }
    }

    private synchronized void found(HostAndPort service, InetAddress[] addresses) {
        unknownHosts.remove(service.host());
        Map<InetAddress, Long> seen = seenAtNanos.computeIfAbsent(service, each -> new HashMap<>());
        long now = nanoClock.getAsLong();
        for (InetAddress address : addresses) {
            seen.put(address, now);
        }
        seen.values().removeIf(lastSeen -> now - lastSeen > KEPT.toNanos());
    }

    private synchronized void warnOnce(String host) {
        if (unknownHosts.add(host)) {
            LOG.atWarn().addKeyValue("host", host)
                    .log("a service's name has no address now; where it was before stays closed to peers");
        }
    }

    private synchronized void tell() {
        Set<InetSocketAddress> services = new HashSet<>(bound);
        seenAtNanos.forEach((service, hosts) -> hosts.keySet()
                .forEach(host -> services.add(new InetSocketAddress(host, service.port()))));
        for (InetAddress host : advertised) {
            listeners.forEach(listener -> services.add(new InetSocketAddress(host, listener.getPort())));
        }
        List<InetSocketAddress> wildcards = services.stream().filter(each -> each.getAddress().isAnyLocalAddress())
                .toList();
        if (!wildcards.isEmpty()) {
            for (InetAddress local : sources.machine().get()) {
                wildcards.forEach(each -> services.add(new InetSocketAddress(local, each.getPort())));
            }
        }
        policy.denyServices(services);
    }

    /** Every address of every interface. */
    static Collection<InetAddress> machineAddresses() {
        try {
            List<InetAddress> addresses = new ArrayList<>();
            for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                addresses.addAll(Collections.list(each.getInetAddresses()));
            }
            return addresses;
        } catch (SocketException e) {
            throw new IllegalStateException("the addresses of this machine cannot be listed", e);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
