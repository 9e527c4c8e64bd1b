package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.turnpike.node.allocation.ClientLeg;
import io.turnpike.node.allocation.FakeLeg;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.allocation.OtherSockets;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.stun.AttributeType;
import io.turnpike.stun.CacheTimeout;
import io.turnpike.stun.ChangeRequest;
import io.turnpike.stun.MappedAddress;
import io.turnpike.stun.OtherAddress;
import io.turnpike.stun.Padding;
import io.turnpike.stun.ResponseOrigin;
import io.turnpike.stun.ResponsePort;
import io.turnpike.stun.StunAttribute;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import io.turnpike.stun.UnknownAttributes;
import io.turnpike.stun.XorMappedAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Binding on a listener with two addresses and two ports (RFC 5780 section 6), and on one without. */
class NatDiscoveryTest {
    private static final String[] HOSTS = {"198.41.0.4", "198.41.0.5"};
    private static final String[] IPV6_HOSTS = {"2001:4860::4", "2001:4860::5"};
    private static final int[] PORTS = {3478, 3479};

    private final OneLoop loop = new OneLoop();
    private final InetSocketAddress client = FakeSockets.address("203.0.112.9", 40_000);
    private final Four four = new Four(HOSTS, 0, 0);

    @Test
    void tellsABareRequestTheOriginAndTheOtherAddress() {
        Answer answer = ask(four, client);

        assertThat(answer.attribute(XorMappedAddress.class).address()).isEqualTo(client);
        assertThat(answer.attribute(ResponseOrigin.class).address()).isEqualTo(four.here());
        assertThat(answer.attribute(OtherAddress.class).address()).isEqualTo(four.at(1, 1));
        assertThat(four.answeredFrom()).isEqualTo(four.here());
    }

    @ParameterizedTest
    @CsvSource({"false, false, 0, 0", "true, false, 1, 0", "false, true, 0, 1", "true, true, 1, 1"})
    void answersFromTheSocketThatTheFlagsAskFor(boolean host, boolean port, int fromHost, int fromPort) {
        Answer answer = ask(four, client, new ChangeRequest(host, port));

        assertThat(four.answeredFrom()).isEqualTo(four.at(fromHost, fromPort));
        assertThat(answer.attribute(ResponseOrigin.class).address()).isEqualTo(four.at(fromHost, fromPort));
        // RFC 5780 section 6.1: always the address that both flags would lead to.
        assertThat(answer.attribute(OtherAddress.class).address()).isEqualTo(four.at(1, 1));
        assertThat(answer.attribute(MappedAddress.class).address()).isEqualTo(client);
        assertThat(answer.attribute(XorMappedAddress.class).address()).isEqualTo(client);
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 1, 0", "1, 0, 0, 1", "1, 1, 0, 0"})
    void namesAsOtherWhatDiffersFromWhereTheRequestCame(int host, int port, int otherHost, int otherPort) {
        Four seen = new Four(HOSTS, host, port);

        Answer answer = ask(seen, client, new ChangeRequest(true, true));

        assertThat(answer.attribute(OtherAddress.class).address()).isEqualTo(seen.at(otherHost, otherPort));
        assertThat(seen.answeredFrom()).isEqualTo(seen.at(otherHost, otherPort));
    }

    @Test
    void knowsNothingOfItWithoutASecondAddress() {
        for (StunAttribute attribute : new StunAttribute[]{new ChangeRequest(true, true), new ResponsePort(50_000),
            new Padding(64)}) {
            Answer answer = ask(null, client, attribute);

            assertThat(answer.error()).isEqualTo(420);
            assertThat(answer.attribute(UnknownAttributes.class).types()).containsExactly(attribute.type().code());
        }
        assertThat(ask(null, client).has(AttributeType.OTHER_ADDRESS)).isFalse();
    }

    @Test
    void knowsNothingOfItOnAStream() {
        FakeLeg stream = new FakeLeg(new FiveTuple(ClientTransport.TCP, client, four.here()), true);
        loop.receive(request(new ChangeRequest(false, true)), stream);

        assertThat(new Answer(stream.nextControl(), null).error()).isEqualTo(420);
    }

    @Test
    void answersToAnotherPortOfTheSourceAndToNoOtherHost() {
        Answer answer = ask(four, client, new ResponsePort(50_000));

        assertThat(four.answeredTo()).isEqualTo(new InetSocketAddress(client.getAddress(), 50_000));
        // What it says is still where the request came from.
        assertThat(answer.attribute(XorMappedAddress.class).address()).isEqualTo(client);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 53, 1023})
    void aimsAtNoServicePort(int port) {
        Answer answer = ask(four, client, new ResponsePort(port));

        assertThat(answer.error()).isEqualTo(400);
        assertThat(four.answeredTo()).isEqualTo(client);
    }

    @Test
    void refusesPaddingTogetherWithAResponsePort() {
        assertThat(ask(four, client, new Padding(64), new ResponsePort(50_000)).error()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "64, 64", "1500, 1500", "4000, 1500"})
    void padsAsMuchAsItWasPaddedAndNeverBeyondTheMtu(int asked, int given) {
        Answer answer = ask(four, client, new Padding(asked));

        assertThat(answer.attribute(Padding.class).bytes()).isEqualTo(given);
    }

    /** RFC 5780 registers CACHE-TIMEOUT, but its text no longer says what it does; optional, so it is ignored. */
    @Test
    void ignoresCacheTimeout() {
        assertThat(ask(four, client, new CacheTimeout(60)).isSuccess()).isTrue();
    }

    @Test
    void refusesAChangeRequestThatCannotBeRead() {
        ByteBuf message = Unpooled.buffer();
        new StunMessageBuilder().begin(message, StunMethod.BINDING, StunClass.REQUEST, new TransactionId(1, 2))
                .addRaw(AttributeType.CHANGE_REQUEST.code(), new byte[2]);
        FakeLeg leg = new FakeLeg(new FiveTuple(ClientTransport.UDP, client, four.here()), false);
        leg.serveDiscovery(four);
        loop.receive(ByteBufUtil.getBytes(message), leg);

        assertThat(new Answer(leg.nextControl(), null).error()).isEqualTo(400);
    }

    /** The bounds of the reflection rules: out per byte in, IPv4 2.8 and IPv6 4.6, whatever is asked. */
    @Test
    void reflectsLittle() {
        StunAttribute[][] requests = {{}, {new ChangeRequest(true, true)}, {new ResponsePort(50_000)},
            {new Padding(0)}, {new Padding(1500)}, {new ChangeRequest(true, false), new Padding(4)}};
        InetSocketAddress ipv6Client = FakeSockets.address("2001:4860::9", 40_000);
        for (StunAttribute[] attributes : requests) {
            int in = request(attributes).length;
            assertThat((double) ask(four, client, attributes).bytes().length / in).isLessThanOrEqualTo(2.8);
            assertThat((double) ask(new Four(IPV6_HOSTS, 0, 0), ipv6Client, attributes).bytes().length / in)
                    .isLessThanOrEqualTo(4.6);
        }
    }

    private Answer ask(Four sockets, InetSocketAddress source, StunAttribute... attributes) {
        FakeLeg leg = new FakeLeg(new FiveTuple(ClientTransport.UDP, source, four.here()), false);
        if (sockets != null) {
            leg.serveDiscovery(sockets);
            sockets.ask(leg);
        }
        loop.receive(request(attributes), leg);
        byte[] direct = leg.nextControl();
        return new Answer(direct != null ? direct : sockets.answer(), null);
    }

    private static byte[] request(StunAttribute... attributes) {
        ByteBuf message = Unpooled.buffer();
        StunMessageBuilder builder = new StunMessageBuilder().begin(message, StunMethod.BINDING, StunClass.REQUEST,
                new TransactionId(1, 2));
        for (StunAttribute attribute : attributes) {
            builder.add(attribute);
        }
        return ByteBufUtil.getBytes(message);
    }

    /** Four sockets, seen from one of them. */
    private static final class Four implements OtherSockets {
        private final String[] hosts;
        private final int host;
        private final int port;
        private FakeLeg used;

        Four(String[] hosts, int host, int port) {
            this.hosts = hosts;
            this.host = host;
            this.port = port;
        }

        InetSocketAddress at(int whichHost, int whichPort) {
            return FakeSockets.address(hosts[whichHost], PORTS[whichPort]);
        }

        InetSocketAddress here() {
            return at(host, port);
        }

        void ask(FakeLeg leg) {
            used = leg;
        }

        byte[] answer() {
            return used.nextControl();
        }

        InetSocketAddress answeredFrom() {
            return used.fiveTuple().server();
        }

        InetSocketAddress answeredTo() {
            return used.fiveTuple().client();
        }

        @Override
        public InetSocketAddress otherAddress() {
            return at(1 - host, 1 - port);
        }

        @Override
        public ClientLeg answering(boolean otherHost, boolean otherPort, InetSocketAddress destination) {
            used = new FakeLeg(new FiveTuple(ClientTransport.UDP, destination,
                    at(otherHost ? 1 - host : host, otherPort ? 1 - port : port)), false);
            return used;
        }
    }
}
