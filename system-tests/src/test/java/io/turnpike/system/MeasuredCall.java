package io.turnpike.system;

import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.turnpike.client.ClientTransport;
import io.turnpike.client.EchoPeer;
import io.turnpike.client.Traffic;
import io.turnpike.client.TurnClient;
import io.turnpike.contract.TurnUsername;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * One user's call through a relay to a peer that echoes, with everything counted at the two ends. It sends the next
 * packet when an earlier echo is back, so that no socket buffer overflows and the ends know every byte.
 */
final class MeasuredCall implements AutoCloseable {
    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final Duration GRANTED_WITHIN = Duration.ofSeconds(50);
    private static final int CHANNEL = 0x4000;
    private static final int IN_FLIGHT = 16;
    private static final int CHANNEL_DATA_HEADER = 4;

    private final Semaphore window = new Semaphore(IN_FLIGHT);
    private final EchoPeer peer;
    private final TurnClient client;

    private MeasuredCall(InetSocketAddress relay, ClientTransport transport, String username, String password,
            InetAddress peerAddress) {
        peer = EchoPeer.start(new InetSocketAddress(peerAddress, 0));
        client = join(TurnClient.to(relay).transport(transport).credentials(username, password)
                .onData((from, payload) -> window.release()).connect());
    }

    /** Connects as a static user; nothing is allocated. */
    static MeasuredCall connect(TurnpikeCluster cluster, int relay, ClientTransport transport, String username,
            String password) {
        return new MeasuredCall(cluster.relay(relay), transport, username, password, cluster.peerAddress());
    }

    /** Connects to a relay on loopback as a static user; nothing is allocated. */
    static MeasuredCall connect(InetSocketAddress relay, ClientTransport transport, String username, String password) {
        return new MeasuredCall(relay, transport, username, password, InetAddress.getLoopbackAddress());
    }

    /** Allocates and binds a channel as a user with a TURN REST credential. */
    static MeasuredCall start(TurnpikeCluster cluster, int relay, ClientTransport transport, String tenant, String user,
            String secret) {
        String username = TurnUsername.rest(Instant.now().plusSeconds(3600), tenant, user);
        String password = TurnUsername.restPassword("HmacSHA1", secret.getBytes(StandardCharsets.UTF_8), username);
        MeasuredCall call = connect(cluster, relay, transport, username, password);
        try {
            call.allocate();
            return call;
        } catch (RuntimeException e) {
            call.close();
            throw e;
        }
    }

    /**
     * The same for a tenant with a hard quota: a grant that takes longer than an Allocate waits, on a slow machine, is a 486
     * that the client tries again.
     */
    static MeasuredCall admitted(TurnpikeCluster cluster, int relay, ClientTransport transport, String tenant,
            String user, String secret) {
        return await("the call is admitted").atMost(GRANTED_WITHIN).ignoreExceptionsMatching(
                refusal -> refusal instanceof CompletionException late
                        && Tenants.errorCode(late) == Tenants.QUOTA_REACHED)
                .until(() -> start(cluster, relay, transport, tenant, user, secret), Objects::nonNull);
    }

    /** Allocates and binds a channel. */
    void allocate() {
        join(client.allocate());
        join(client.channelBind(CHANNEL, peer.address()));
    }

    TurnClient client() {
        return client;
    }

    EchoPeer peer() {
        return peer;
    }

    /** Sends ChannelData and fails if one is not echoed. */
    void send(int packets, int payloadBytes) {
        for (int i = 0; i < packets; i++) {
            takeWindow(payloadBytes);
            join(client.channelData(CHANNEL, Unpooled.wrappedBuffer(payload(i, payloadBytes))));
        }
        awaitEchoes();
    }

    /** Sends Send indications and fails if one is not echoed. */
    void sendIndications(int packets, int payloadBytes) {
        for (int i = 0; i < packets; i++) {
            takeWindow(payloadBytes);
            join(client.sendIndication(peer.address(), Unpooled.wrappedBuffer(payload(i, payloadBytes))));
        }
        awaitEchoes();
    }

    /** Sends one packet of ChannelData; whether its echo is back in time. */
    boolean isEchoed(int payloadBytes, Duration bound) throws InterruptedException {
        return burst(1, payloadBytes, bound) > 0;
    }

    /**
     * Sends ChannelData at once, few enough for every socket buffer, and waits for the echoes.
     *
     * @param packets 1 to 16
     * @param patience longest wait for the next echo
     * @return how many echoes came
     */
    int burst(int packets, int payloadBytes, Duration patience) throws InterruptedException {
        window.drainPermits();
        flood(packets, payloadBytes);
        int echoed = 0;
        while (echoed < packets && window.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            echoed++;
        }
        window.drainPermits();
        window.release(IN_FLIGHT);
        return echoed;
    }

    /** Sends ChannelData as fast as it goes and waits for no echo: sockets may drop what nobody counts then. */
    void flood(int packets, int payloadBytes) {
        for (int i = 1; i < packets; i++) {
            client.channelData(CHANNEL, Unpooled.wrappedBuffer(payload(i, payloadBytes)));
        }
        join(client.channelData(CHANNEL, Unpooled.wrappedBuffer(payload(0, payloadBytes))));
    }

    /**
     * Billable bytes that a relay let through, of ChannelData of one size: what reached the peer, framed as it came, and what
     * reached the client.
     */
    long billableBytes(int payloadBytes) {
        return peer.receivedPackets() * (payloadBytes + CHANNEL_DATA_HEADER)
                + client.counters().relayToClient().wireBytes();
    }

    /** Ends the allocation, so that its final record is on the way. */
    void release() {
        join(client.release());
    }

    /** What the two ends saw; every byte that left one end is asserted to have reached the other. */
    UserUsage usage() {
        Traffic sent = client.counters().clientToRelay();
        Traffic received = client.counters().relayToClient();
        return new UserUsage(direction(sent),
                new UserUsage.Direction(peer.receivedBytes(), peer.receivedBytes(), peer.receivedPackets()),
                new UserUsage.Direction(peer.echoedBytes(), peer.echoedBytes(), peer.echoedPackets()),
                direction(received), sent.wireBytes() + received.wireBytes());
    }

    @Override
    public void close() {
        client.close();
        peer.close();
    }

    private static UserUsage.Direction direction(Traffic traffic) {
        return new UserUsage.Direction(traffic.wireBytes(), traffic.payloadBytes(), traffic.packets());
    }

    private void takeWindow(int payloadBytes) {
        try {
            if (!window.tryAcquire(BOUND.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("an echo of " + payloadBytes + " bytes is missing; so far " + usage());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void awaitEchoes() {
        for (int i = 0; i < IN_FLIGHT; i++) {
            takeWindow(0);
        }
        window.release(IN_FLIGHT);
    }

    private static byte[] payload(int index, int bytes) {
        byte[] payload = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            payload[i] = (byte) (index + i);
        }
        return payload;
    }

    private static <T> T join(CompletableFuture<T> future) {
        return future.orTimeout(BOUND.toSeconds(), TimeUnit.SECONDS).join();
    }
}
