package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.allocation.ManualTime;
import io.turnpike.node.config.RelayConfig.AnswersConfig;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AnswerBudgetTest {
    private static final int PER_NETWORK = 1_000;
    private static final int TOTAL = 20_000;
    private static final InetSocketAddress VICTIM = FakeSockets.address("198.51.7.9", 53);

    private final ManualTime time = new ManualTime();
    private final AnswerBudget budget = budget(PER_NETWORK, TOTAL);

    @Test
    void answersANetworkTwiceItsRateAtOnceAndItsRateInTheLongRun() {
        assertThat(admitted(VICTIM, 5_000, false)).isEqualTo(2 * PER_NETWORK);
        int answers = 0;
        for (int tenth = 0; tenth < 100; tenth++) {
            time.advance(Duration.ofMillis(100));
            answers += admitted(VICTIM, 1_000, false);
        }

        assertThat(answers).isEqualTo(10 * PER_NETWORK);
    }

    @Test
    void countsAllOfANetworkTogetherAndOthersApart() {
        for (int host = 0; host < 200; host++) {
            admitted(FakeSockets.address("198.51.7." + host, 1_000 + host), 10, false);
        }

        assertThat(admitted(VICTIM, 10, false)).isZero();
        assertThat(admitted(FakeSockets.address("198.51.8.9", 53), 10, false)).isEqualTo(10);
    }

    @Test
    void countsAnIpv6CustomerAsOneNetwork() {
        for (int subnet = 0; subnet < 256; subnet++) {
            admitted(FakeSockets.address("2a00:1450:1:" + Integer.toHexString(subnet) + "::1", 53), 100, false);
        }

        assertThat(admitted(FakeSockets.address("2a00:1450:1:ff::2", 53), 1, false)).isZero();
        assertThat(admitted(FakeSockets.address("2a00:1450:1:100::2", 53), 1, false)).isOne();
        // An IPv6 network of the same bits as an IPv4 network is another one.
        assertThat(admitted(FakeSockets.address("::c633:700:0:0", 53), 1, false)).isOne();
    }

    @Test
    void hasABudgetOfItsOwnForBindings() {
        admitted(VICTIM, 5_000, true);

        assertThat(admitted(VICTIM, 1, true)).isZero();
        assertThat(admitted(VICTIM, 1, false)).isOne();
    }

    @Test
    void neverAnswersMoreThanItsTotalHoweverManyNetworksAsk() {
        int answers = 0;
        for (int network = 0; network < 60_000; network++) {
            answers += admitted(network(network), 3, false);
        }

        assertThat(answers).isEqualTo(2 * TOTAL);
    }

    /** Each network of the flood asks more than it may, and all of them together more than the total. */
    @Test
    void servesAWellBehavedClientDuringAFloodFromAThousandOtherNetworks() {
        int floods = 1_000;
        int flooded = 0;
        int refused = 0;
        for (int second = 0; second < 60; second++) {
            for (int network = 0; network < floods; network++) {
                flooded += admitted(network(network), 200, false);
            }
            // A client that allocates: a first request, and once more for a nonce.
            refused += 2 - admitted(VICTIM, 2, false);
            refused += 1 - admitted(VICTIM, 1, true);
            time.advance(Duration.ofSeconds(1));
        }

        assertThat(refused).isZero();
        assertThat(flooded).isLessThan(62 * TOTAL);
    }

    /** Thousands of clients behind one address begin in the same second, and all come back every ten minutes. */
    @Test
    void servesThousandsOfClientsBehindOneNatWithTheDefaults() {
        AnswerBudget defaults = new AnswerBudget(new AnswersConfig(1_000, 50_000, 2_000, 100_000, 24, 56),
                time::nanoTime);
        int refused = 0;
        for (int round = 0; round < 10; round++) {
            for (int client = 0; client < 2_000; client++) {
                refused += defaults.admit(VICTIM, false) ? 0 : 1;
                refused += defaults.admit(VICTIM, true) ? 0 : 1;
            }
            time.advance(Duration.ofMinutes(10));
        }

        assertThat(refused).isZero();
    }

    /** Of many networks that ask now and then, few are confused with those of a flood. */
    @Test
    void seldomTakesAnotherNetworkForThoseThatFlood() {
        AnswerBudget wide = budget(10, 100_000_000);
        for (int network = 0; network < 1_000; network++) {
            admitted(wide, network(network), 50, false);
        }
        int refused = 0;
        for (int network = 1_000; network < 11_000; network++) {
            refused += 1 - admitted(wide, network(network), 1, false);
        }

        assertThat(refused).isLessThan(100);
    }

    private AnswerBudget budget(int perNetwork, int total) {
        return new AnswerBudget(new AnswersConfig(perNetwork, total, perNetwork, total, 24, 56), time::nanoTime);
    }

    private static InetSocketAddress network(int number) {
        return FakeSockets.address("20." + (number >>> 8) + "." + (number & 0xFF) + ".1", 53);
    }

    private int admitted(InetSocketAddress source, int requests, boolean binding) {
        return admitted(budget, source, requests, binding);
    }

    private static int admitted(AnswerBudget budget, InetSocketAddress source, int requests, boolean binding) {
        int admitted = 0;
        for (int i = 0; i < requests; i++) {
            admitted += budget.admit(source, binding) ? 1 : 0;
        }
        return admitted;
    }
}
