package io.turnpike.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.turnpike.client.TurnClient;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.ChannelData;
import io.turnpike.stun.Malformed;
import io.turnpike.stun.RequestedAddressFamily;
import io.turnpike.stun.StunAttribute;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A client with an allocation, a peer on a channel of it and a peer without one, all of which send bursts. */
record BurstCall(UdpEnd client, UdpEnd channelPeer, UdpEnd otherPeer, InetSocketAddress server,
        InetSocketAddress relayed) implements AutoCloseable {
    static final int CHANNEL = 0x4000;
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(30);
    private static final Random IDS = new Random(20261128);

    /**
     * Opens the sockets, allocates and lets both peers send.
     *
     * @param server a UDP listener
     * @param peers where the peers are, of either family
     * @param bursts whether all three send bursts as one
     */
    static BurstCall open(InetSocketAddress server, InetAddress peers, boolean bursts) throws Exception {
        UdpEnd channelPeer;
        UdpEnd otherPeer;
        InetSocketAddress local;
        InetSocketAddress relayed;
        // The library's client sets the call up, and leaves its address to a socket that is faster.
        try (TurnClient client = get(TurnClient.to(server).credentials("al", "secret").connect())) {
            local = client.localAddress();
            relayed = get(client.allocate(request -> request.add(new RequestedAddressFamily(AddressFamily.of(peers)))))
                    .relayed();
            channelPeer = UdpEnd.open(new InetSocketAddress(peers, 0), bursts);
            otherPeer = UdpEnd.open(new InetSocketAddress(peers, 0), bursts);
            get(client.channelBind(CHANNEL, channelPeer.address()));
            get(client.createPermission(otherPeer.address()));
        }
        // The closed socket is gone when its selector has seen to it.
        UdpEnd client = await().atMost(LONG_ENOUGH).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5))
                .ignoreExceptionsInstanceOf(UncheckedIOException.class)
                .until(() -> UdpEnd.open(local, bursts), Objects::nonNull);
        return new BurstCall(client, channelPeer, otherPeer, server, relayed);
    }

    /** The client sends these messages. */
    void send(List<byte[]> messages) {
        client.send(messages, server);
    }

    static byte[] channelData(byte[] payload) {
        ByteBuf message = Unpooled.buffer();
        ChannelData.write(message, CHANNEL, Unpooled.wrappedBuffer(payload), false);
        return ByteBufUtil.getBytes(message);
    }

    /** A Send indication to the peer without a channel. */
    byte[] indication(byte[] payload, StunAttribute... more) {
        ByteBuf message = Unpooled.buffer();
        StunMessageBuilder builder = new StunMessageBuilder()
                .begin(message, StunMethod.SEND, StunClass.INDICATION, TransactionId.random(IDS))
                .addPeer(otherPeer.address()).addData(Unpooled.wrappedBuffer(payload));
        for (StunAttribute attribute : more) {
            builder.add(attribute);
        }
        return ByteBufUtil.getBytes(message);
    }

    /** The payload of ChannelData from one peer or a Data indication from the other. */
    byte[] payload(byte[] message, boolean onChannel) {
        ByteBuf bytes = Unpooled.wrappedBuffer(message);
        if (onChannel) {
            ChannelData data = new ChannelData();
            assertThat(data.wrap(bytes)).isEqualTo(Malformed.NONE);
            assertThat(data.channelNumber()).isEqualTo(CHANNEL);
            return ByteBufUtil.getBytes(bytes, data.dataIndex(), data.dataBytes());
        }
        StunFrame frame = new StunFrame();
        assertThat(frame.wrap(bytes)).isEqualTo(Malformed.NONE);
        assertThat(frame.method()).isEqualTo(StunMethod.DATA);
        assertThat(frame.peerAddress()).isEqualTo(otherPeer.address());
        return ByteBufUtil.getBytes(bytes, frame.dataIndex(), frame.dataBytes());
    }

    /** The next datagrams of one end; fails if they do not come. */
    static List<byte[]> take(UdpEnd end, int count) {
        List<byte[]> taken = new ArrayList<>();
        await().atMost(LONG_ENOUGH).pollInSameThread().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1))
                .until(() -> {
                    for (byte[] next = end.receive(); next != null; next = end.receive()) {
                        taken.add(next);
                    }
                    return taken.size() >= count;
                });
        assertThat(taken).hasSize(count);
        return taken;
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        client.close();
        channelPeer.close();
        otherPeer.close();
    }
}
