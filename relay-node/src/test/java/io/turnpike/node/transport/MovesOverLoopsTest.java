package io.turnpike.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.allocation.FakeLeg;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.allocation.LoopSiblings;
import io.turnpike.node.auth.Revocations;
import io.turnpike.node.event.AllocationEnded;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.event.EndReason;
import io.turnpike.node.event.UsageSampled;
import io.turnpike.node.turn.Answer;
import io.turnpike.node.turn.OneLoop;
import io.turnpike.node.turn.TestClient;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AttributeType;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.MobilityTicket;
import io.turnpike.stun.Octets;
import io.turnpike.stun.RequestedTransport;
import io.turnpike.stun.StunAttribute;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.XorPeerAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Allocations that move between event loops (RFC 8016), with the messages between the loops delivered one by one in any
 * order that keeps each loop's own.
 */
class MovesOverLoopsTest {
    private static final int LOOPS = 3;
    private static final MobilityTicket EMPTY = new MobilityTicket(Octets.of());
    private static final InetSocketAddress PEER = FakeSockets.address("203.0.114.1", 9_000);

    private final LoopSiblings siblings = new LoopSiblings(LOOPS);
    private final List<Deque<Runnable>> tasks = new ArrayList<>();
    private final List<OneLoop> loops = new ArrayList<>();
    private final List<ClientMessages> messages = new ArrayList<>();
    private int nextPort = 20_000;

    MovesOverLoopsTest() {
        for (int i = 0; i < LOOPS; i++) {
            Deque<Runnable> queue = new ArrayDeque<>();
            OneLoop loop = new OneLoop(siblings, i, queue::add);
            ClientMessages step = new ClientMessages(loop.allocations, loop.turn, loop.clientToPeer, loop.drops);
            loop.through((bytes, leg) -> step.message(bytes, leg));
            tasks.add(queue);
            loops.add(loop);
            messages.add(step);
        }
        messages.forEach(each -> each.meet(messages));
    }

    @Test
    void servesAClientThatArrivesOnAnotherLoopAndLeavesNothingThere() {
        TestClient home = client(0, ClientTransport.UDP);
        MobilityTicket ticket = ticket(home.allocate(EMPTY));
        home.permit(PEER);
        TestClient guest = client(1, ClientTransport.TCP);

        Answer moved = ask(guest, StunMethod.REFRESH, ticket);
        assertThat(moved.error()).isZero();
        assertThat(moved.isSigned()).isTrue();
        int sent = guest.sendIn(PEER, new byte[100]);
        settle();
        assertThat(loops.get(0).sockets.sent()).hasSize(1);
        fromPeer(0, 70);
        settle();
        assertThat(guest.leg().data()).hasSize(1);
        assertThat(home.leg().data()).isEmpty();
        assertThat(ask(guest, StunMethod.CREATE_PERMISSION, new XorPeerAddress(PEER)).error()).isZero();

        TestClient back = client(0, ClientTransport.UDP);
        assertThat(ask(back, StunMethod.REFRESH, ticket(moved)).error()).isZero();
        assertThat(loops.get(1).allocations.guests().size()).isOne();
        ask(back, StunMethod.REFRESH);
        assertThat(loops.get(1).allocations.guests().size()).isZero();
        assertThat(guest.leg().isClosed()).isTrue();
        assertThat(ask(back, StunMethod.REFRESH, new Lifetime(0)).error()).isZero();
        UsageSampled last = loops.get(0).events(UsageSampled.class).stream().filter(UsageSampled::finalSample)
                .findFirst().orElseThrow();
        assertThat(last.clientToRelay().wireBytes()).isEqualTo(sent);
        assertThat(last.relayToClient().wireBytes()).isEqualTo(guest.leg().data().get(0).length);
        assertThat(last.relayToClient().payloadBytes()).isEqualTo(70);
    }

    @Test
    void answersErrorsAcrossLoopsAndForgetsTheGuest() {
        TestClient home = client(0, ClientTransport.UDP);
        MobilityTicket ticket = ticket(home.allocate(EMPTY));
        TestClient stranger = client(1, ClientTransport.UDP);
        stranger.becomes("bo", "secret");

        assertThat(ask(stranger, StunMethod.REFRESH, ticket).error()).isEqualTo(441);
        assertThat(loops.get(1).allocations.guests().size()).isZero();
        assertThat(ask(stranger, StunMethod.ALLOCATE, new RequestedTransport(RequestedTransport.UDP)).error()).isZero();
        ask(home, StunMethod.REFRESH, new Lifetime(0));
        assertThat(ask(client(2, ClientTransport.UDP), StunMethod.REFRESH, ticket).error()).isEqualTo(437);
    }

    @Test
    void takesAGuestsRequestBackWhenItsAllocationHasEnded() {
        TestClient home = client(0, ClientTransport.UDP);
        MobilityTicket ticket = ticket(home.allocate(EMPTY));
        TestClient guest = client(1, ClientTransport.UDP);
        ask(guest, StunMethod.REFRESH, ticket);
        ask(guest, StunMethod.REFRESH);

        // The request is under way to the allocation's loop when the allocation ends there.
        assertThat(guest.request(StunMethod.REFRESH)).isNull();
        loops.get(0).allocations.endAll(EndReason.QUOTA);
        settle();

        assertThat(guest.answer().error()).isEqualTo(437);
        assertThat(loops.get(1).allocations.guests().size()).isZero();
    }

    /** The request is authenticated on one loop, and the credential is taken back before the other loop hears of it. */
    @Test
    void movesNothingUnderACredentialThatWasRevokedOnTheWay() {
        TestClient home = client(0, ClientTransport.UDP);
        MobilityTicket ticket = ticket(home.allocate(EMPTY));
        TestClient guest = client(1, ClientTransport.UDP);
        assertThat(guest.request(StunMethod.REFRESH, ticket)).isNull();

        Instant now = loops.get(0).time.instant();
        loops.get(0).tenants.revoke("demo", "al", new Revocations.Revocation(now, now.plusSeconds(60)));
        settle();

        assertThat(guest.answer().error()).isEqualTo(403);
        assertThat(loops.get(0).allocations.size()).isZero();
        assertThat(loops.get(1).allocations.guests().size()).isZero();
    }

    @Test
    void endsWithItsUserThoughItsClientIsTheGuestOfAnotherLoop() {
        TestClient home = client(0, ClientTransport.UDP);
        MobilityTicket ticket = ticket(home.allocate(EMPTY));
        TestClient guest = client(1, ClientTransport.TCP);
        ask(guest, StunMethod.REFRESH, ticket);
        ask(guest, StunMethod.REFRESH);

        Instant now = loops.get(0).time.instant();
        loops.forEach(loop -> loop.tenants.revoke("demo", "al",
                new Revocations.Revocation(now, now.plusSeconds(60))));
        settle();

        assertThat(loops.get(0).allocations.size()).isZero();
        assertThat(loops.get(0).sockets.open()).isEmpty();
        assertThat(loops.get(1).allocations.guests().size()).isZero();
        assertThat(ask(guest, StunMethod.REFRESH).error()).isEqualTo(401);
    }

    @Test
    void dropsAGuestsDatagramsWhenItsLoopIsBusyAndStopsReadingAStream() {
        TestClient home = client(0, ClientTransport.UDP);
        MobilityTicket ticket = ticket(home.allocate(EMPTY));
        TestClient datagrams = client(1, ClientTransport.UDP);
        Answer moved = ask(datagrams, StunMethod.REFRESH, ticket);
        for (int i = 0; i < 30; i++) {
            datagrams.sendIn(PEER, new byte[60_000]);
        }
        assertThat(loops.get(1).dropped(DropReason.LOOP_BUSY)).isPositive();
        settle();

        TestClient stream = client(2, ClientTransport.TCP);
        ask(stream, StunMethod.REFRESH, ticket(moved));
        for (int i = 0; i < 5; i++) {
            stream.sendIn(PEER, new byte[60_000]);
        }
        assertThat(stream.leg().isPaused()).isTrue();
        assertThat(loops.get(2).dropped(DropReason.LOOP_BUSY)).isZero();
        settle();
        assertThat(stream.leg().isPaused()).isFalse();
    }

    /** A flood of the smallest messages is bounded too: each one costs a task of the other loop. */
    @Test
    void dropsAGuestsEmptyDatagramsWhenItsLoopIsBusy() {
        TestClient home = client(0, ClientTransport.UDP);
        MobilityTicket ticket = ticket(home.allocate(EMPTY));
        home.permit(PEER);
        TestClient guest = client(1, ClientTransport.UDP);
        ask(guest, StunMethod.REFRESH, ticket);
        guest.sendIn(PEER, new byte[0]);
        settle();

        for (int i = 0; i < 5_000; i++) {
            guest.sendIn(PEER, new byte[0]);
        }
        assertThat(loops.get(1).dropped(DropReason.LOOP_BUSY)).isPositive();
        settle();
        for (int i = 0; i < 5_000; i++) {
            fromPeer(0, 0);
        }
        assertThat(loops.get(0).dropped(DropReason.CLIENT_QUEUE_FULL)).isPositive();
        settle();

        long lost = loops.get(0).dropped(DropReason.CLIENT_QUEUE_FULL);
        fromPeer(0, 0);
        settle();
        assertThat(loops.get(0).dropped(DropReason.CLIENT_QUEUE_FULL)).as("what was taken makes room").isEqualTo(lost);
    }

    /** A client that moves at random, with answers lost and messages between loops late, against what must hold. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void keepsOneAllocationExactWhateverTheOrder(long seed) {
        Random random = new Random(seed);
        TestClient first = client(0, ClientTransport.UDP);
        MobilityTicket ticket = ticket(first.allocate(EMPTY));
        first.permit(PEER);
        List<TestClient> everybody = new ArrayList<>(List.of(first));
        TestClient current = first;
        long sentWire = 0;
        for (int step = 0; step < 300; step++) {
            switch (random.nextInt(8)) {
                case 0 -> {
                    pass(Duration.ofSeconds(2));
                    TestClient next = client(random.nextInt(LOOPS),
                            random.nextBoolean() ? ClientTransport.UDP : ClientTransport.TCP);
                    everybody.add(next);
                    Answer answer = ask(next, StunMethod.REFRESH, ticket);
                    assertThat(answer.error()).as("step %d", step).isZero();
                    if (random.nextInt(3) > 0) {
                        ticket = ticket(answer);
                        current = next;
                        assertThat(ask(current, StunMethod.REFRESH).error()).isZero();
                    } else {
                        // The answer got lost, and what it said with it: the client goes on where it was.
                        assertThat(ask(current, StunMethod.REFRESH)).satisfiesAnyOf(
                                old -> assertThat(old.error()).isZero(), old -> assertThat(old.error()).isEqualTo(437));
                        if (!isServed(current)) {
                            ticket = ticket(answer);
                            current = next;
                            assertThat(ask(current, StunMethod.REFRESH).error()).isZero();
                        }
                    }
                }
                case 1 -> {
                    if (current.leg().isStream()) {
                        messages.get(loopOf(current)).disconnected(current.leg());
                        settleSome(random);
                        pass(Duration.ofSeconds(2));
                        TestClient next = client(random.nextInt(LOOPS), ClientTransport.TCP);
                        everybody.add(next);
                        settle();
                        Answer answer = ask(next, StunMethod.REFRESH, ticket);
                        assertThat(answer.error()).isZero();
                        ticket = ticket(answer);
                        current = next;
                        assertThat(ask(current, StunMethod.REFRESH).error()).isZero();
                    }
                }
                case 2, 3, 4 -> sentWire += current.sendIn(PEER, new byte[random.nextInt(1_000)]);
                case 5, 6 -> fromPeer(0, random.nextInt(1_000));
                case 7 -> {
                    assertThat(ask(current, StunMethod.REFRESH).error()).isZero();
                    assertThat(ask(current, StunMethod.CREATE_PERMISSION, new XorPeerAddress(PEER))
                            .error()).isZero();
                }
                default -> throw new IllegalStateException();
            }
            settleSome(random);
            assertThat(loops.stream().mapToInt(loop -> loop.allocations.size()).sum()).isOne();
        }
        settle();
        assertThat(guests()).isLessThanOrEqualTo(2);
        assertThat(ask(current, StunMethod.REFRESH, new Lifetime(0)).error()).isZero();
        settle();

        assertThat(guests()).isZero();
        assertThat(loops.get(0).sockets.open()).isEmpty();
        assertThat(loops.get(0).allocations.mobility().size()).isZero();
        assertThat(everybody).allSatisfy(client -> assertThat(isServed(client)).isFalse());
        assertThat(loops.get(0).events(AllocationEnded.class)).hasSize(1);
        UsageSampled last = loops.get(0).events(UsageSampled.class).stream().filter(UsageSampled::finalSample)
                .findFirst().orElseThrow();
        long receivedWire = everybody.stream().flatMap(client -> client.leg().data().stream())
                .mapToLong(data -> data.length).sum();
        assertThat(last.clientToRelay().wireBytes()).isEqualTo(sentWire);
        assertThat(last.relayToPeer().packets()).isEqualTo(loops.get(0).sockets.sent().size());
        assertThat(last.relayToClient().wireBytes()).isEqualTo(receivedWire);
    }

    private int guests() {
        return loops.stream().mapToInt(loop -> loop.allocations.guests().size()).sum();
    }

    private boolean isServed(TestClient client) {
        OneLoop loop = loops.get(loopOf(client));
        return loop.allocations.find(client.leg().fiveTuple()) != null
                || loop.allocations.guests().find(client.leg().fiveTuple()) != null;
    }

    private TestClient client(int loop, ClientTransport transport) {
        FakeLeg leg = loops.get(loop).leg(transport, nextPort + loop);
        nextPort += LOOPS;
        return loops.get(loop).client(leg, "al");
    }

    /** A client's port tells the loop that it arrives on. */
    private static int loopOf(TestClient client) {
        return (client.leg().fiveTuple().client().getPort() - 20_000) % LOOPS;
    }

    private Answer ask(TestClient client, StunMethod method, StunAttribute... attributes) {
        settle();
        Answer answer = client.request(method, attributes);
        settle();
        Answer late = client.answer();
        Answer result = late != null ? late : answer;
        return result != null && result.error() == 438 ? ask(client, method, attributes) : result;
    }

    private static MobilityTicket ticket(Answer answer) {
        assertThat(answer.has(AttributeType.MOBILITY_TICKET)).isTrue();
        return answer.attribute(MobilityTicket.class);
    }

    private void fromPeer(int loop, int bytes) {
        loops.get(loop).sockets.open().get(0).receive(PEER, new byte[bytes]);
    }

    private void pass(Duration time) {
        settle();
        loops.forEach(loop -> loop.pass(time));
        settle();
    }

    private void settleSome(Random random) {
        for (int i = random.nextInt(6); i > 0; i--) {
            Runnable task = tasks.get(random.nextInt(LOOPS)).poll();
            if (task != null) {
                task.run();
            }
        }
    }

    private void settle() {
        boolean ran = true;
        while (ran) {
            ran = false;
            for (Deque<Runnable> queue : tasks) {
                for (Runnable task = queue.poll(); task != null; task = queue.poll()) {
                    task.run();
                    ran = true;
                }
            }
        }
    }
}
