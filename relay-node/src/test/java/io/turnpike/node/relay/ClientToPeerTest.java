package io.turnpike.node.relay;

import static io.turnpike.node.relay.RelayBench.HELLO;
import static io.turnpike.node.relay.RelayBench.OTHER;
import static io.turnpike.node.relay.RelayBench.PEER;
import static io.turnpike.node.relay.RelayBench.socket;
import static io.turnpike.node.relay.RelayBench.tcp;
import static io.turnpike.node.relay.RelayBench.udp;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.event.DirectionCount;
import io.turnpike.node.event.EndReason;
import io.turnpike.node.turn.OneLoop;
import io.turnpike.node.turn.TestClient;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AdditionalAddressFamily;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.ChannelData;
import io.turnpike.stun.DontFragment;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A client's data on its way to a peer, by RFC 8656 sections 11 and 12: what passes, and what is dropped. */
class ClientToPeerTest {
    private final OneLoop loop = new OneLoop();

    @Test
    void relaysASendIndicationToAPermittedPeer() {
        TestClient client = udp(loop);
        client.permit(PEER);
        int wireBytes = client.send(PEER, HELLO);

        assertThat(loop.sockets.sent()).hasSize(1);
        assertThat(loop.sockets.sent().get(0).to()).isEqualTo(PEER);
        assertThat(loop.sockets.sent().get(0).payload()).isEqualTo(HELLO);
        assertThat(client.allocation().usage().clientToRelay()).isEqualTo(new DirectionCount(wireBytes, 5, 1));
        assertThat(client.allocation().usage().relayToPeer()).isEqualTo(new DirectionCount(5, 5, 1));
    }

    @Test
    void refusesSendIndicationWithoutPermission() {
        TestClient client = udp(loop);
        client.permit(OTHER);
        client.send(PEER, HELLO);

        assertThat(loop.sockets.sent()).isEmpty();
        assertThat(loop.dropped(DropReason.CLIENT_WITHOUT_PERMISSION)).isOne();
        assertThat(client.allocation().usage().packets()).isZero();
    }

    @Test
    void refusesSendIndicationWithDontFragmentBecauseTheBitCannotBeSet() {
        TestClient client = udp(loop);
        client.permit(PEER);
        client.send(PEER, HELLO, new DontFragment());

        assertThat(loop.sockets.sent()).isEmpty();
        assertThat(loop.dropped(DropReason.UNKNOWN_ATTRIBUTE)).isOne();
    }

    @Test
    void setsTheDfBitForASendThatAsksAndForNothingElse() {
        OneLoop able = new OneLoop(dontFragment());
        TestClient client = udp(able);
        client.bind(0x4000, PEER);

        client.send(PEER, HELLO);
        client.send(PEER, HELLO, new DontFragment());
        client.send(PEER, HELLO, new DontFragment());
        client.sendChannelData(0x4000, HELLO);
        client.send(PEER, HELLO);

        assertThat(able.sockets.sent()).extracting(FakeSockets.Sent::dontFragment)
                .containsExactly(false, true, true, false, false);
    }

    @Test
    void dropsADatagramWhoseDfBitCannotBeSetBehindAFullQueueAndDebitsNothing() {
        OneLoop able = new OneLoop(dontFragment());
        TestClient client = udp(able);
        client.permit(PEER);
        able.sockets.stickDontFragment(true);

        client.send(PEER, HELLO, new DontFragment());

        assertThat(able.sockets.sent()).isEmpty();
        assertThat(able.dropped(DropReason.PEER_QUEUE_FULL)).isOne();
        assertThat(client.allocation().usage().packets()).isZero();
    }

    @Test
    void refusesSendIndicationWithoutPeerOrData() {
        TestClient client = udp(loop);
        client.permit(PEER);
        for (boolean withPeer : new boolean[]{true, false}) {
            ByteBuf message = Unpooled.buffer();
            StunMessageBuilder builder = new StunMessageBuilder().begin(message, StunMethod.SEND, StunClass.INDICATION,
                    new TransactionId(1, 2));
            if (withPeer) {
                builder.addPeer(PEER);
            } else {
                builder.addData(Unpooled.wrappedBuffer(HELLO));
            }
            client.sendIndication(message);
        }

        assertThat(loop.sockets.sent()).isEmpty();
        assertThat(loop.dropped(DropReason.INCOMPLETE_INDICATION)).isEqualTo(2);
    }

    @Test
    void sendingRefreshesNoPermission() {
        TestClient client = udp(loop);
        client.permit(PEER);
        loop.pass(Duration.ofSeconds(250));
        client.send(PEER, HELLO);
        loop.pass(Duration.ofSeconds(60));
        client.send(PEER, HELLO);

        assertThat(loop.sockets.sent()).hasSize(1);
    }

    /** Trap 18: only CreatePermission and ChannelBind refresh. */
    @Test
    void channelDataRefreshesNeitherChannelNorPermission() {
        TestClient client = udp(loop);
        client.bind(0x4000, PEER);
        for (int minute = 0; minute < 9; minute++) {
            client.sendChannelData(0x4000, HELLO);
            loop.pass(Duration.ofSeconds(60));
        }
        socket(loop).receive(PEER, HELLO);

        assertThat(loop.dropped(DropReason.PEER_WITHOUT_PERMISSION)).isOne();
        loop.time.advance(Duration.ofSeconds(60));
        assertThat(client.allocation().channel(0x4000)).isNull();
    }

    @Test
    void checksThePortOfASendAgainstOwnListeners() {
        TestClient client = udp(loop);
        client.permit(PEER);
        loop.peerPolicy.denyServices(List.of(PEER));
        client.send(PEER, HELLO);

        assertThat(loop.sockets.sent()).isEmpty();
        assertThat(loop.dropped(DropReason.PEER_DENIED)).isOne();
    }

    @Test
    void relaysChannelDataUnpaddedAndPadded() {
        TestClient client = udp(loop);
        client.bind(0x4001, PEER);
        assertThat(client.sendChannelData(0x4001, HELLO)).isEqualTo(9);
        ByteBuf padded = Unpooled.buffer();
        ChannelData.write(padded, 0x4001, Unpooled.wrappedBuffer(HELLO), true);
        assertThat(client.sendChannelData(padded)).isEqualTo(12);

        assertThat(loop.sockets.sent()).extracting(FakeSockets.Sent::payload).containsExactly(HELLO, HELLO);
        assertThat(client.allocation().usage().clientToRelay()).isEqualTo(new DirectionCount(21, 10, 2));
    }

    @Test
    void relaysEmptyChannelDataAsAnEmptyDatagram() {
        TestClient client = udp(loop);
        client.bind(0x4001, PEER);
        client.sendChannelData(0x4001, new byte[0]);

        assertThat(loop.sockets.sent()).hasSize(1);
        assertThat(loop.sockets.sent().get(0).payload()).isEmpty();
        assertThat(client.allocation().usage().clientToRelay()).isEqualTo(new DirectionCount(4, 0, 1));
    }

    @Test
    void dropsChannelDataThatClaimsMoreThanIsThere() {
        TestClient client = udp(loop);
        client.bind(0x4001, PEER);
        ByteBuf message = Unpooled.buffer();
        ChannelData.writeHeader(message, 0x4001, 6);
        client.sendChannelData(message.writeBytes(HELLO));

        assertThat(loop.sockets.sent()).isEmpty();
        assertThat(loop.dropped(DropReason.MALFORMED_CHANNEL_DATA)).isOne();
    }

    @Test
    void dropsChannelDataOfAnUnboundNumber() {
        TestClient client = udp(loop);
        client.sendChannelData(0x4001, HELLO);

        assertThat(loop.dropped(DropReason.CHANNEL_UNBOUND)).isOne();
    }

    @Test
    void dropsDatagramsButHoldsStreamsBackWhenTheRelaySocketIsFull() {
        TestClient datagrams = udp(loop);
        TestClient stream = tcp(loop);
        datagrams.permit(PEER);
        stream.permit(PEER);
        loop.sockets.fill(true);
        datagrams.send(PEER, HELLO);
        stream.send(PEER, HELLO);

        assertThat(loop.dropped(DropReason.PEER_QUEUE_FULL)).isOne();
        assertThat(loop.sockets.sent()).hasSize(1);
        assertThat(stream.leg().isPaused()).isTrue();
        loop.sockets.fill(false);
        loop.sockets.open().get(1).drained();
        assertThat(stream.leg().isPaused()).isFalse();
    }

    @Test
    void readsOnFromAStreamWhenTheSocketThatItWaitedForIsClosed() {
        loop.sockets.relayIpv6();
        TestClient stream = loop.streamClient("al");
        stream.allocate(new AdditionalAddressFamily(AddressFamily.IPV6));
        stream.permit(PEER);
        loop.sockets.fill(true);
        stream.send(PEER, HELLO);
        assertThat(stream.leg().isPaused()).isTrue();

        loop.allocations.release(stream.allocation(), Optional.of(AddressFamily.IPV4),
                EndReason.EXPIRED);

        assertThat(stream.leg().isPaused()).isFalse();
    }

    @Test
    void relaysIpv6BesideIpv4OnADualAllocation() {
        loop.sockets.relayIpv6();
        TestClient client = loop.client("al");
        client.allocate(new AdditionalAddressFamily(AddressFamily.IPV6));
        InetSocketAddress ipv6 = FakeSockets.address("2001:4860::10", 7000);
        client.permit(PEER, ipv6);
        client.send(ipv6, HELLO);
        client.send(PEER, HELLO);

        assertThat(loop.sockets.sent()).extracting(sent -> sent.from().getAddress().getAddress().length)
                .containsExactly(16, 4);
    }

    private static FakeSockets dontFragment() {
        FakeSockets sockets = new FakeSockets();
        sockets.offerDontFragment();
        return sockets;
    }
}
