package io.turnpike.quickstart;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.turnpike.client.ClientTransport;
import io.turnpike.client.EchoPeer;
import io.turnpike.client.TurnClient;
import io.turnpike.contract.TurnUsername;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Synthetic calls of a few users of the demo tenant, so that the dashboard moves: each user calls through one relay after
 * the other, over UDP and TCP, sends audio-like packets to a peer that echoes, and hangs up.
 */
final class DemoCalls implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DemoCalls.class);
    private static final String[] USERS = {"ada", "grace", "hedy"};
    private static final int CHANNEL = 0x4000;
    private static final long PACKET_MILLIS = 20;
    private static final int PACKET_BYTES = 160;
    private static final int SHORTEST_CALL_PACKETS = 500;
    private static final int MORE_PACKETS = 2000;
    private static final long PAUSE_MILLIS = 3_000;
    private static final Duration CREDENTIAL = Duration.ofHours(1);

    private final QuickstartOptions options;
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EchoPeer peer = EchoPeer.start(new InetSocketAddress(Demo.IPV4, 0));
    private final Random random = new Random();
    private volatile boolean closed;

    private DemoCalls(QuickstartOptions options) {
        this.options = options;
    }

    /** Starts calling. */
    static DemoCalls start(QuickstartOptions options) {
        DemoCalls calls = new DemoCalls(options);
        for (int user = 0; user < USERS.length; user++) {
            calls.call(USERS[user], user);
        }
        return calls;
    }

    /** One call and, after a pause, the next; how a call ends does not matter. */
    private void call(String user, int round) {
        if (closed) {
            return;
        }
        int relay = 1 + round % options.relays();
        ClientTransport transport = round % 3 == 0 ? ClientTransport.TCP : ClientTransport.UDP;
        String username = TurnUsername.rest(Instant.now().plus(CREDENTIAL), Demo.TENANT, user);
        String password = TurnUsername.restPassword("HmacSHA1", Demo.SECRET.getBytes(StandardCharsets.UTF_8), username);
        TurnClient.to(new InetSocketAddress(Demo.IPV4, options.ports().relay(relay))).transport(transport)
                .credentials(username, password).eventLoops(loops).connect()
                .thenCompose(this::talk)
                .whenComplete((done, failure) -> {
                    if (failure != null && !closed) {
                        LOG.info("a synthetic call ended early user={} reason={}", user, failure.getMessage());
                    }
                    later(PAUSE_MILLIS, () -> call(user, round + 1));
                });
    }

    private CompletableFuture<Void> talk(TurnClient client) {
        int packets = SHORTEST_CALL_PACKETS + random.nextInt(MORE_PACKETS);
        return client.allocate().thenCompose(allocation -> client.channelBind(CHANNEL, peer.address()))
                .thenCompose(bound -> send(client, packets)).thenCompose(sent -> client.release())
                .whenComplete((done, failure) -> later(0, () -> CompletableFuture.runAsync(client::close)));
    }

    private CompletableFuture<Void> send(TurnClient client, int packets) {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        sendNext(client, packets, sent);
        return sent;
    }

    private void sendNext(TurnClient client, int left, CompletableFuture<Void> sent) {
        if (left == 0 || closed) {
            sent.complete(null);
            return;
        }
        ByteBuf packet = Unpooled.buffer(PACKET_BYTES).writeZero(PACKET_BYTES);
        client.channelData(CHANNEL, packet).whenComplete((taken, failure) -> {
            if (failure != null) {
                sent.completeExceptionally(failure);
            } else {
                later(PACKET_MILLIS, () -> sendNext(client, left - 1, sent));
            }
        });
    }

    private void later(long millis, Runnable step) {
        if (!loops.isShuttingDown()) {
            loops.next().schedule(step, millis, TimeUnit.MILLISECONDS);
        }
    }

    /** Stops calling; the relays end what is still up. */
    @Override
    public void close() {
        closed = true;
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        peer.close();
    }
}
