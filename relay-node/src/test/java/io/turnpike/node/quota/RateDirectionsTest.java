package io.turnpike.node.quota;

import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;
import static io.turnpike.node.quota.Direction.PEER_TO_CLIENT;
import static io.turnpike.node.quota.ShareBench.RATE;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** How the two directions of data share one rate. */
class RateDirectionsTest {
    private static final long RATE_BYTES = RATE / 8;
    private static final int PACKET = 1_000;
    private static final int SECONDS = 10;
    private static final long MOST = RATE_BYTES * SECONDS + RATE_BYTES / 8;

    private final ShareBench bench = new ShareBench(OnControlLoss.STOP, ShareBench.rate());
    private final Allowance caller = bench.allowance(RATE, 9);
    private final Allowance called = admitted(bench, "bea", 1);

    private static Allowance admitted(ShareBench bench, String user, int loopIndex) {
        return ((Admission.Admitted) bench.quota.admit(user, loopIndex).get(0)).allowance();
    }

    /** One sender in one direction: what it sends, and what passes. */
    private static final class Flow {
        private final Allowance allowance;
        private final Direction direction;
        private long due;
        private long passed;
        private long refused;

        Flow(Allowance allowance, Direction direction) {
            this.allowance = allowance;
            this.direction = direction;
        }

        /** Sends as many whole packets as are due; how many bytes passed. */
        long send(long bytes) {
            long before = passed;
            for (due += bytes; due >= PACKET; due -= PACKET) {
                if (allowance.debit(PACKET, direction)) {
                    passed += PACKET;
                } else {
                    refused += PACKET;
                }
            }
            return passed - before;
        }

        double share() {
            return (double) passed / (RATE_BYTES * SECONDS);
        }
    }

    private static void eachMilli(ShareBench bench, Runnable step) {
        for (int milli = 0; milli < SECONDS * 1_000; milli++) {
            step.run();
            bench.quota.pass(Duration.ofMillis(1));
        }
    }

    private static long perMilli(double ofTheRate) {
        return (long) (RATE_BYTES * ofTheRate / 1_000);
    }

    /** What arrives of a call between two allocations: each packet takes of the rate towards the peer, then towards the client. */
    private static double arriving(ShareBench bench, Allowance from, Allowance to, double sent) {
        Flow first = new Flow(from, CLIENT_TO_PEER);
        Flow second = new Flow(to, PEER_TO_CLIENT);
        eachMilli(bench, () -> second.send(first.send(perMilli(sent))));
        assertThat(first.passed + second.passed).isLessThanOrEqualTo(MOST);
        return second.share();
    }

    @Test
    void nearHalfOfTheRateArrivesOfACallBetweenTwoAllocationsHoweverMuchIsSent() {
        for (double sent : new double[]{0.6, 1, 2, 10, 50}) {
            ShareBench fresh = new ShareBench(OnControlLoss.STOP, ShareBench.rate());
            Allowance from = fresh.allowance(RATE, 9);
            assertThat(arriving(fresh, from, admitted(fresh, "bea", 1), sent)).as("%s of the rate", sent)
                    .isGreaterThanOrEqualTo(0.45);
        }
    }

    @Test
    void theSameOnOneEventLoopAndUnderTheRateOfAUser() {
        assertThat(arriving(bench, caller, admitted(bench, "cy", 0), 10)).as("one loop").isGreaterThanOrEqualTo(0.45);
        ShareBench users = new ShareBench(OnControlLoss.STOP,
                ShareBench.ratesHere(OptionalLong.of(RATE), OptionalLong.empty()));
        assertThat(arriving(users, admitted(users, "al", 0), admitted(users, "al", 1), 10)).as("one user")
                .isGreaterThanOrEqualTo(0.45);
    }

    @Test
    void bothDirectionsOfOneAllocationHaveHalfOfItsRateEach() {
        ShareBench allocations = new ShareBench(OnControlLoss.STOP,
                ShareBench.ratesHere(OptionalLong.empty(), OptionalLong.of(RATE)));
        Allowance one = admitted(allocations, "al", 0);
        Flow toPeer = new Flow(one, CLIENT_TO_PEER);
        Flow toClient = new Flow(one, PEER_TO_CLIENT);
        eachMilli(allocations, () -> {
            toPeer.send(perMilli(10));
            toClient.send(perMilli(1));
        });
        assertThat(toPeer.share()).isBetween(0.47, 0.6);
        assertThat(toClient.share()).isBetween(0.47, 0.6);
    }

    @Test
    void aLoneDirectionHasTheWholeRate() {
        for (Direction direction : Direction.values()) {
            ShareBench fresh = new ShareBench(OnControlLoss.STOP, ShareBench.rate());
            Flow alone = new Flow(fresh.allowance(RATE, 9), direction);
            eachMilli(fresh, () -> alone.send(perMilli(3)));
            assertThat(alone.share()).isGreaterThanOrEqualTo(0.95);
            assertThat(alone.passed).isLessThanOrEqualTo(MOST);
        }
    }

    @Test
    void whatOneDirectionDoesNotNeedTheOtherHasAndTheFirstLosesNothing() {
        Flow much = new Flow(caller, CLIENT_TO_PEER);
        Flow little = new Flow(called, PEER_TO_CLIENT);
        eachMilli(bench, () -> {
            much.send(perMilli(10));
            little.send(perMilli(0.1));
        });
        assertThat(little.refused).as("at the very beginning, if at all").isLessThanOrEqualTo(10 * PACKET);
        assertThat(little.share()).isBetween(0.098, 0.1);
        assertThat(much.share() + little.share()).isGreaterThanOrEqualTo(0.95);
        assertThat(much.passed + little.passed).isLessThanOrEqualTo(MOST);
    }

    /** Forty packets three times a second, as of a shared screen: a quarter of a half, and less than a half holds. */
    @Test
    void burstsThatAHalfHoldsArriveHoweverMuchTheOtherDirectionSends() {
        Flow much = new Flow(caller, CLIENT_TO_PEER);
        Flow bursts = new Flow(called, PEER_TO_CLIENT);
        long burst = RATE_BYTES / 20 * 4 / 5;
        for (int milli = 0; milli < SECONDS * 1_000; milli++) {
            much.send(perMilli(10));
            bursts.send(milli % 300 == 0 ? burst : 0);
            bench.quota.pass(Duration.ofMillis(1));
        }
        assertThat(bursts.refused).as("at the very beginning, if at all").isLessThanOrEqualTo(burst);
        assertThat(much.passed + bursts.passed).isLessThanOrEqualTo(MOST);
    }

    @Test
    void streamsOfBothDirectionsThatAskAtEachTickHaveHalfEach() {
        long toPeer = 0;
        long toClient = 0;
        for (int tick = 0; tick < SECONDS * 10; tick++) {
            toPeer += stream(caller, CLIENT_TO_PEER);
            toClient += stream(called, PEER_TO_CLIENT);
            bench.quota.pass(Duration.ofMillis(100));
        }
        long half = RATE_BYTES * SECONDS / 2;
        assertThat(toPeer).isBetween(half * 95 / 100, half * 11 / 10);
        assertThat(toClient).isBetween(half * 95 / 100, half * 11 / 10);
    }

    private static long stream(Allowance allowance, Direction direction) {
        long passed = 0;
        for (int part = allowance.debitUpTo(65_536, direction); part > 0; part = allowance.debitUpTo(65_536,
                direction)) {
            passed += part;
        }
        return passed;
    }
}
