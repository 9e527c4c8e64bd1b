package io.turnpike.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import io.turnpike.testing.NoLeaks;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import io.netty.buffer.Unpooled;

import io.turnpike.stun.ErrorCode;
import io.turnpike.stun.PasswordHash;
import io.turnpike.stun.Realm;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.XorMappedAddress;

@ExtendWith(NoLeaks.class)
class TurnClientTest {

    private static final InetSocketAddress PEER = new InetSocketAddress("127.0.0.1", 9999);

    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private ScriptedRelay relay = new ScriptedRelay(true);
    private FakeTurnServer server = new FakeTurnServer((message, reply) -> relay.accept(message, reply));

    @AfterEach
    void noMessageSurprisedTheServer() {
        server.close();
        assertThat(server.failures()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"UDP, true", "UDP, false", "TCP, true", "TCP, false"})
    void allocatesAfterTheChallenge(ClientTransport transport, boolean modern) throws Exception {
        relay = new ScriptedRelay(modern);
        try (TurnClient client = connect(builder(transport))) {
            assertThat(get(client.allocate()).relayed()).isEqualTo(ScriptedRelay.RELAYED);
            assertThat(get(client.refresh(Duration.ofMinutes(5)))).isEqualTo(Duration.ofMinutes(5));
            get(client.release());
        }
        assertThat(relay.seen()).containsExactly("ALLOCATE", "ALLOCATE signed", "REFRESH signed", "REFRESH signed");
    }

    /** The answer to the first deletion may have been lost; RFC 8656 section 8.3 takes 437 for its success. */
    @Test
    void aReleaseOfWhatIsGoneIsNoError() throws Exception {
        try (TurnClient client = connect(builder(ClientTransport.UDP))) {
            get(client.allocate());
            get(client.release());
            get(client.release());
            assertFailsWith(client.refresh(Duration.ofMinutes(5)), ErrorCode.ALLOCATION_MISMATCH);
        }
    }

    @Test
    void signsAgainAfterAStaleNonce() throws Exception {
        try (TurnClient client = connect(builder(ClientTransport.UDP))) {
            get(client.allocate());
            relay.makeNonceStale();
            get(client.refresh(Duration.ofSeconds(700)));
        }
        assertThat(relay.seen()).containsExactly("ALLOCATE", "ALLOCATE signed", "REFRESH signed", "REFRESH signed");
    }

    @Test
    void givesUpWithAWrongPassword() throws Exception {
        try (TurnClient client = connect(
                TurnClient.to(server.address(ClientTransport.UDP)).credentials("demo", "no"))) {
            assertFailsWith(client.allocate(), ErrorCode.UNAUTHENTICATED);
        }
        assertThat(relay.seen()).containsExactly("ALLOCATE", "ALLOCATE signed");
    }

    @Test
    void refusesAChallengeThatWasStrippedOfItsAlgorithms() throws Exception {
        relay.stripList();
        try (TurnClient client = connect(builder(ClientTransport.UDP))) {
            assertThatThrownBy(() -> get(client.allocate())).hasRootCauseInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("bid-down");
        }
    }

    @Test
    void obeysItsOwnChoiceOfAlgorithm() throws Exception {
        try (TurnClient client = connect(builder(ClientTransport.UDP).passwordHash(PasswordHash.MD5))) {
            // the server's list holds MD5, but its key is SHA-256
            assertFailsWith(client.allocate(), ErrorCode.UNAUTHENTICATED);
        }
    }

    @Test
    void passesASignedErrorOn() throws Exception {
        try (TurnClient client = connect(builder(ClientTransport.UDP))) {
            get(client.allocate());
            assertFailsWith(client.createPermission(PEER), ErrorCode.FORBIDDEN);
        }
    }

    @ParameterizedTest
    @EnumSource(value = ClientTransport.class, names = {"UDP", "TCP"})
    void countsIndicationsAndChannelDataToTheByte(ClientTransport transport) throws Exception {
        try (TurnClient client = connect(builder(transport))) {
            get(client.allocate());
            get(client.channelBind(0x4001, PEER));
            get(client.sendIndication(PEER, Unpooled.copiedBuffer("hello", StandardCharsets.UTF_8)));
            assertThat(received.poll(10, TimeUnit.SECONDS)).isEqualTo("127.0.0.1:9999 hello");
            get(client.channelData(0x4001, Unpooled.copiedBuffer("channel", StandardCharsets.UTF_8)));
            assertThat(received.poll(10, TimeUnit.SECONDS)).isEqualTo("127.0.0.1:9999 channel");

            int indication = 20 + 4 + 8 + 4 + 8;
            int sentChannelData = transport.isStream() ? 12 : 11;
            assertThat(client.counters().clientToRelay()).isEqualTo(new Traffic(indication + sentChannelData, 12, 2));
            assertThat(client.counters().relayToClient()).isEqualTo(new Traffic(indication + 12, 12, 2));
            assertThat(client.counters().controlSent().packets()).isEqualTo(3);
            assertThat(client.counters().controlReceived().packets()).isEqualTo(3);
            assertThat(client.counters().unreadable()).isZero();
        }
    }

    @Test
    void relaysAnEmptyDatagram() throws Exception {
        try (TurnClient client = connect(builder(ClientTransport.TCP))) {
            get(client.allocate());
            get(client.channelBind(0x4001, PEER));
            get(client.channelData(0x4001, Unpooled.EMPTY_BUFFER));
            assertThat(received.poll(10, TimeUnit.SECONDS)).isEqualTo("127.0.0.1:9999 ");
            assertThat(client.counters().relayToClient()).isEqualTo(new Traffic(4, 0, 1));
        }
    }

    @Test
    void learnsItsAddressWithoutCredentials() throws Exception {
        try (TurnClient client = connect(TurnClient.to(server.address(ClientTransport.UDP)))) {
            assertThat(get(client.binding())).isEqualTo(ScriptedRelay.MAPPED);
        }
    }

    @Test
    void givesRawAnswersAsTheyAre() throws Exception {
        try (TurnClient client = connect(builder(ClientTransport.UDP))) {
            StunAnswer answer = get(client.request(StunMethod.ALLOCATE, request -> {}));

            assertThat(answer.isError(ErrorCode.UNAUTHENTICATED)).isTrue();
            assertThat(answer.get(Realm.class)).contains(new Realm("turnpike"));
            assertThat(answer.get(XorMappedAddress.class)).isEmpty();
        }
    }

    @Test
    void failsWhatIsUnderWayWhenTheStreamCloses() throws Exception {
        FakeTurnServer.Script silent = (message, reply) -> {};
        try (FakeTurnServer mute = new FakeTurnServer(silent)) {
            TurnClient client = connect(
                    TurnClient.to(mute.address(ClientTransport.TCP)).transport(ClientTransport.TCP));
            CompletableFuture<InetSocketAddress> answer = client.binding();
            client.close();
            assertThatThrownBy(() -> get(answer)).isInstanceOf(ExecutionException.class);
            assertThatThrownBy(() -> get(client.binding())).isInstanceOf(Exception.class);
        }
    }

    @Test
    void closesAStreamThatItCannotRead() throws Exception {
        FakeTurnServer.Script garbage = (message, reply) -> reply.accept(Unpooled.copiedBuffer(new byte[]{-1, -1}));
        try (FakeTurnServer bad = new FakeTurnServer(garbage);
                TurnClient client = connect(TurnClient.to(bad.address(ClientTransport.TCP))
                        .transport(ClientTransport.TCP))) {
            assertThatThrownBy(() -> get(client.binding())).isInstanceOf(ExecutionException.class);
            get(client.closed());
            assertThat(client.isOpen()).isFalse();
        }
    }

    @Test
    void failsAndReleasesWhatIsSentAfterItWasClosed() throws Exception {
        TurnClient client = connect(builder(ClientTransport.UDP));
        client.close();

        for (int i = 0; i < 100; i++) {
            CompletableFuture<Void> sent = client.sendIndication(PEER, Unpooled.directBuffer(8).writeLong(i));
            assertThatThrownBy(() -> get(sent)).isInstanceOf(ExecutionException.class);
        }
        assertThat(client.counters().clientToRelay().packets()).isZero();
    }

    @Test
    void reportsAConnectionThatIsRefused() {
        FakeTurnServer gone = new FakeTurnServer(relay);
        InetSocketAddress nobody = gone.address(ClientTransport.TCP);
        gone.close();

        assertThatThrownBy(() -> connect(TurnClient.to(nobody).transport(ClientTransport.TCP)))
                .isInstanceOf(ExecutionException.class);
    }

    private TurnClientBuilder builder(ClientTransport transport) {
        return TurnClient.to(server.address(transport)).transport(transport).credentials("demo", "secret")
                .onData((peer, payload) -> received.add(peer.getAddress().getHostAddress() + ":" + peer.getPort() + " "
                        + payload.toString(StandardCharsets.UTF_8)));
    }

    private static TurnClient connect(TurnClientBuilder builder) throws Exception {
        return get(builder.connect());
    }

    private static void assertFailsWith(CompletableFuture<?> future, ErrorCode error) {
        assertThatThrownBy(() -> get(future)).cause().isInstanceOfSatisfying(StunErrorException.class,
                failure -> assertThat(failure.code()).isEqualTo(error.code()));
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }
}
