package io.turnpike.benchmarks.quota;

import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.turnpike.client.ClientTransport;
import io.turnpike.client.EchoPeer;
import io.turnpike.client.StunErrorException;
import io.turnpike.client.TurnClient;
import io.turnpike.contract.TurnUsername;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** One tenant's client on one relay, with a peer that echoes. One thread sends; an event loop hears the echoes. */
final class QuotaCall implements AutoCloseable {
    static final String SECRET = "bench-secret";
    static final String USER = "bench";
    static final int PAYLOAD_BYTES = 1_000;
    /** Bytes of a packet on the leg between client and relay (RFC 8656 section 12.4). */
    static final int CHANNEL_DATA_BYTES = PAYLOAD_BYTES + 4;
    private static final int CHANNEL = 0x4000;
    private static final int UNAUTHENTICATED = 401;
    private static final long BOUND_SECONDS = 30;
    private static final long RELEASE_BOUND_SECONDS = 2;
    private static final byte[] PAYLOAD = new byte[PAYLOAD_BYTES];

    private final TurnClient client;
    private volatile long lastEchoNanos;
    private volatile long firstEchoNanos;
    private volatile boolean heard;

    private QuotaCall(InetSocketAddress relay, String tenant, String user, EventLoopGroup loops) {
        String username = TurnUsername.rest(Instant.now().plusSeconds(3_600), tenant, user);
        String password = TurnUsername.restPassword("HmacSHA1", SECRET.getBytes(StandardCharsets.UTF_8), username);
        client = join(TurnClient.to(relay).transport(ClientTransport.UDP).credentials(username, password)
                .eventLoops(loops).onData((from, payload) -> echoed()).connect());
    }

    /** Allocates, and binds a channel to the peer. */
    static QuotaCall start(InetSocketAddress relay, String tenant, String user, EchoPeer peer, EventLoopGroup loops) {
        QuotaCall call = new QuotaCall(relay, tenant, user, loops);
        try {
            join(call.client.allocate());
            join(call.client.channelBind(CHANNEL, peer.address()));
            return call;
        } catch (CompletionException e) {
            call.close();
            throw e;
        }
    }

    /** Whether a relay takes a tenant's credential. */
    static boolean isKnown(InetSocketAddress relay, String tenant, EventLoopGroup loops) throws IOException {
        try (QuotaCall call = new QuotaCall(relay, tenant, USER, loops)) {
            join(call.client.allocate());
            join(call.client.release());
            return true;
        } catch (CompletionException e) {
            if (e.getCause() instanceof StunErrorException error && error.code() == UNAUTHENTICATED) {
                return false;
            }
            throw new IOException("an allocation for " + tenant + " failed", e);
        }
    }

    private void echoed() {
        lastEchoNanos = System.nanoTime();
        if (!heard) {
            firstEchoNanos = lastEchoNanos;
            heard = true;
        }
    }

    void send() {
        client.channelData(CHANNEL, Unpooled.wrappedBuffer(PAYLOAD));
    }

    /** When the last echo came, by {@link System#nanoTime}; means nothing before {@link #heard}. */
    long lastEchoNanos() {
        return lastEchoNanos;
    }

    /** When the first echo since {@link #forgetEchoes} came; means nothing before {@link #heard}. */
    long firstEchoNanos() {
        return firstEchoNanos;
    }

    /** Whether an echo came since {@link #forgetEchoes}. */
    boolean heard() {
        return heard;
    }

    void forgetEchoes() {
        heard = false;
    }

    /** Bytes that came from the relay, with their framing. */
    long receivedWireBytes() {
        return client.counters().relayToClient().wireBytes();
    }

    /** Ends the allocation too: its port may be the next client's, who would be answered 437 (RFC 8656 section 7.2). */
    @Override
    public void close() {
        client.release().orTimeout(RELEASE_BOUND_SECONDS, TimeUnit.SECONDS).exceptionally(goneAlready -> null).join();
        client.close();
    }

    private static <T> T join(CompletableFuture<T> future) {
        return future.orTimeout(BOUND_SECONDS, TimeUnit.SECONDS).join();
    }
}
