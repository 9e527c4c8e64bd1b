package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.turnpike.node.allocation.FakeLeg;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.event.AllocationEnded;
import io.turnpike.node.event.AllocationRejected;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.event.EndReason;
import io.turnpike.stun.AlternateDomain;
import io.turnpike.stun.AlternateServer;
import io.turnpike.stun.AttributeType;
import io.turnpike.stun.EvenPort;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.RequestedTransport;
import io.turnpike.stun.ReservationToken;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.XorMappedAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Trap 30: a node that drains sends new clients to another server and keeps those that it has. */
class DrainTest {
    private static final InetSocketAddress PEER = FakeSockets.address("8.8.8.8", 9);
    private static final String ALTERNATES = """
            drain.alternates = [
              { transport = udp, host = "192.0.2.1", port = 3478, domain = "a.example" }
              { transport = udp, host = "192.0.2.2", port = 3488 }
              { transport = tcp, host = "192.0.2.1", port = 3479 }
              { transport = tls, host = "192.0.2.1", port = 5349, domain = "a.example" }
              { host = "2001:db8::1", port = 3478, domain = "a.example" }
            ]
            """;

    private final OneLoop loop = new OneLoop(ConfigFactory.parseString(ALTERNATES));
    private final TestClient client = loop.client("al");

    @Test
    void sendsANewClientToAnotherServerSigned() {
        loop.drain.begin(Optional.empty());
        Answer answer = client.allocate();

        assertThat(answer.error()).isEqualTo(300);
        assertThat(answer.isSigned()).isTrue();
        assertThat(answer.attribute(AlternateServer.class).address())
                .isEqualTo(FakeSockets.address("192.0.2.1", 3478));
        assertThat(loop.allocations.size()).isZero();
        assertThat(loop.drain.redirected()).isOne();
    }

    @Test
    void takesFittingServersInTurn() {
        loop.drain.begin(Optional.empty());

        assertThat(new int[]{port(client.allocate()), port(client.allocate()), port(client.allocate())})
                .containsExactly(3478, 3488, 3478);
    }

    @Test
    void challengesBeforeItSendsAnyoneAway() {
        loop.drain.begin(Optional.empty());

        assertThat(client.unauthenticated(StunMethod.ALLOCATE, new RequestedTransport(RequestedTransport.UDP)).error())
                .isEqualTo(401);
    }

    @Test
    void staysWithinTransportAndFamily() {
        loop.drain.begin(Optional.empty());

        assertThat(port(loop.streamClient("al").allocate())).isEqualTo(3479);
        assertThat(at("2001:4860::7", ClientTransport.UDP).allocate().attribute(AlternateServer.class).address())
                .isEqualTo(FakeSockets.address("2001:db8::1", 3478));
        assertThat(at("203.0.112.7", ClientTransport.DTLS).allocate().error()).isEqualTo(508);
    }

    @Test
    void namesTheCertificateOnlyWhereThereIsOne() {
        loop.drain.begin(Optional.empty());

        Answer tls = at("203.0.112.7", ClientTransport.TLS).allocate();
        assertThat(tls.attribute(AlternateServer.class).address().getPort()).isEqualTo(5349);
        assertThat(tls.attribute(AlternateDomain.class).domain()).isEqualTo("a.example");
        assertThat(at("2001:4860::7", ClientTransport.DTLS).allocate().has(AttributeType.ALTERNATE_DOMAIN)).isTrue();
        assertThat(client.allocate().has(AttributeType.ALTERNATE_DOMAIN)).isFalse();
    }

    @Test
    void says508WhereNoOtherServerIsKnownBecauseA300NeedsOne() {
        OneLoop alone = new OneLoop();
        alone.drain.begin(Optional.empty());

        Answer answer = alone.client("al").allocate();
        assertThat(answer.error()).isEqualTo(508);
        assertThat(answer.has(AttributeType.ALTERNATE_SERVER)).isFalse();
        assertThat(alone.drain.redirected()).isZero();
    }

    @Test
    void servesEveryOtherRequestOfWhoIsHereAlready() {
        Answer made = client.allocate();
        loop.drain.begin(Optional.empty());

        assertThat(client.permit(PEER).isSuccess()).isTrue();
        assertThat(client.bind(0x4000, PEER).isSuccess()).isTrue();
        assertThat(client.request(StunMethod.REFRESH).attribute(Lifetime.class).seconds()).isEqualTo(600);
        assertThat(client.send(PEER, new byte[10])).isPositive();
        assertThat(loop.sockets.sent()).hasSize(1);
        assertThat(client.unauthenticated(StunMethod.BINDING).attribute(XorMappedAddress.class).address())
                .isEqualTo(client.leg().fiveTuple().client());
        assertThat(made.isSuccess()).isTrue();
    }

    @Test
    void repeatsTheSuccessToARetransmittedAllocate() {
        Answer first = client.allocate();
        loop.drain.begin(Optional.empty());

        Answer again = client.request(StunMethod.ALLOCATE, client.lastId(),
                new RequestedTransport(RequestedTransport.UDP));
        assertThat(again.bytes()).isEqualTo(first.bytes());
        assertThat(client.allocate().error()).isEqualTo(437);
    }

    @Test
    void honoursATokenWhosePortIsHeldHere() {
        Answer first = client.allocate(new EvenPort(true));
        loop.drain.begin(Optional.empty());

        assertThat(loop.client("al").allocate(first.attribute(ReservationToken.class)).isSuccess()).isTrue();
    }

    @Test
    void answersWrongRequestsAsEver() {
        loop.drain.begin(Optional.empty());

        assertThat(client.request(StunMethod.ALLOCATE).error()).isEqualTo(400);
        assertThat(client.request(StunMethod.REFRESH).error()).isEqualTo(437);
    }

    /** A redirected client is no failed call. */
    @Test
    void tellsNoRejection() {
        loop.drain.begin(Optional.empty());
        client.allocate();

        assertThat(loop.events(AllocationRejected.class)).isEmpty();
    }

    @Test
    void grantsNoLifetimeBeyondTheDeadline() {
        client.allocate();
        loop.drain.begin(Optional.of(Duration.ofSeconds(90)));

        assertThat(client.request(StunMethod.REFRESH).attribute(Lifetime.class).seconds()).isEqualTo(90);
        loop.pass(Duration.ofSeconds(60));
        assertThat(client.request(StunMethod.REFRESH).attribute(Lifetime.class).seconds()).isEqualTo(30);
        assertThat(loop.drain.isOver()).isFalse();
        loop.time.advance(Duration.ofSeconds(30));
        assertThat(loop.drain.isOver()).isTrue();
        assertThat(client.request(StunMethod.REFRESH).attribute(Lifetime.class).seconds()).isOne();
    }

    @Test
    void endsWhatLivesWithTheNodesReasonAndCanMakeMore() {
        client.allocate();
        loop.allocations.endLive(EndReason.SHUTDOWN);

        assertThat(loop.events(AllocationEnded.class)).extracting(AllocationEnded::reason)
                .containsExactly(EndReason.SHUTDOWN);
        assertThat(client.allocate().isSuccess()).isTrue();
    }

    @Test
    void takesNewClientsAgain() {
        loop.drain.begin(Optional.of(Duration.ZERO));
        loop.drain.end();

        assertThat(client.allocate().isSuccess()).isTrue();
        assertThat(loop.drain.isOver()).isFalse();
        assertThat(loop.drain.isDraining()).isFalse();
    }

    private TestClient at(String host, ClientTransport transport) {
        FiveTuple fiveTuple = new FiveTuple(transport, FakeSockets.address(host, 40_000),
                FakeSockets.address(host.indexOf(':') < 0 ? "198.41.0.4" : "2001:4860::4", 3478));
        boolean stream = transport == ClientTransport.TCP || transport == ClientTransport.TLS;
        return new TestClient(loop, new FakeLeg(fiveTuple, stream), "al", "secret");
    }

    private static int port(Answer answer) {
        return answer.attribute(AlternateServer.class).address().getPort();
    }
}
