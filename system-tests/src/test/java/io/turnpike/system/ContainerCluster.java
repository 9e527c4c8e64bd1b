package io.turnpike.system;

import com.github.dockerjava.api.model.Network.Ipam;
import io.turnpike.contract.SecretSeal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.utility.DockerImageName;

/**
 * The programs in containers, from the images that {@code deploy/build} makes: each with its own address, as on machines
 * of their own. The test reaches them at the containers' addresses, so it runs on the engine's own machine.
 */
final class ContainerCluster implements TurnpikeCluster {
    private static final String NET = "172.30.79.";
    private static final int TURN_PORT = 3478;
    private static final int ADMIN_PORT = 9101;
    private static final int API_PORT = 8080;
    private static final Duration STARTED = Duration.ofSeconds(120);

    private final Network network;
    private final List<GenericContainer<?>> containers = new ArrayList<>();
    private final int relays;

    private ContainerCluster(int relays) {
        this.relays = relays;
        network = Network.builder().createNetworkCmdModifier(
                create -> create.withIpam(new Ipam().withConfig(new Ipam.Config().withSubnet(NET + "0/24")))).build();
    }

    /** Starts a broker, relays and telemetry, and returns when they are ready. */
    static ContainerCluster start(int relays) {
        ContainerCluster cluster = new ContainerCluster(relays);
        try {
            cluster.startAll();
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    private void startAll() {
        String clusterKey = SecretSeal.newKey();
        container("kafka", 10).withEnv("KAFKA_ADVERTISED", NET + "10:9092").start();
        container("telemetry", 20).withEnv("TURNPIKE_KAFKA_BOOTSTRAP_SERVERS", NET + "10:9092")
                .withEnv("TURNPIKE_CLUSTER_KEY", clusterKey).start();
        for (int relay = 1; relay <= relays; relay++) {
            container("relay", 10 + relay).withEnv("TURNPIKE_NODE_ID", "relay-" + relay)
                    .withEnv("TURNPIKE_KAFKA_BOOTSTRAP_SERVERS", NET + "10:9092")
                    .withEnv("TURNPIKE_CLUSTER_KEY", clusterKey)
                    .withEnv("TURNPIKE_RELAY_IPV4", NET + (10 + relay))
                    .withEnv("TURNPIKE_PEERS_ALLOW", "[\"" + NET + "0/24\"]").start();
        }
        Readiness.awaitAll(this, STARTED);
    }

    private GenericContainer<?> container(String program, int host) {
        GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse("turnpike-" + program + ":latest"))
                .withImagePullPolicy(image -> false)
                .withNetwork(network)
                .withCreateContainerCmdModifier(create -> create.withIpv4Address(NET + host));
        containers.add(container);
        return container;
    }

    @Override
    public int relays() {
        return relays;
    }

    @Override
    public InetSocketAddress relay(int index) {
        return new InetSocketAddress(NET + (10 + index), TURN_PORT);
    }

    @Override
    public URI relayAdmin(int index) {
        return URI.create("http://" + NET + (10 + index) + ":" + ADMIN_PORT + "/");
    }

    @Override
    public URI api() {
        return URI.create("http://" + NET + "20:" + API_PORT + "/");
    }

    /** The engine's machine is the first address of the network. */
    @Override
    public InetAddress peerAddress() {
        try {
            return InetAddress.getByName(NET + "1");
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        for (int i = containers.size() - 1; i >= 0; i--) {
            containers.get(i).stop();
        }
        network.close();
    }
}
