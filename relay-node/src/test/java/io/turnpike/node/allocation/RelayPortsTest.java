package io.turnpike.node.allocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RelayPortsTest {
    private static final Duration REST = Duration.ofSeconds(120);

    private final ManualTime time = new ManualTime();

    private RelayPorts ports(int min, int max) {
        return new RelayPorts(min, max, REST, time::nanoTime, new Random(1));
    }

    @Test
    void givesEveryPortOnceAndThenNone() {
        RelayPorts ports = ports(50_000, 50_099);
        Set<Integer> given = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            given.add(ports.take("a").orElseThrow());
        }

        assertThat(given).hasSize(100).allMatch(port -> port >= 50_000 && port <= 50_099);
        assertThat(ports.take("a")).isEmpty();
    }

    @Test
    void choosesAtRandom() {
        Set<Integer> firsts = new HashSet<>();
        Random random = new Random(7);
        for (int i = 0; i < 50; i++) {
            firsts.add(new RelayPorts(50_000, 50_999, REST, time::nanoTime, random).take("a").orElseThrow());
        }

        assertThat(firsts).hasSizeGreaterThan(40);
    }

    @Test
    void restsAFreedPortUntilAnotherUserMayHaveIt() {
        RelayPorts ports = ports(50_000, 50_001);
        int first = ports.take("a").orElseThrow();
        ports.release(first, "a");

        assertThat(ports.take("b").orElseThrow()).isNotEqualTo(first);
        time.advance(REST);
        assertThat(ports.take("b")).hasValue(first);
        assertThat(ports.restsCutShort()).isZero();
    }

    @Test
    void givesTheSameUserItsOwnRestingPort() {
        RelayPorts ports = ports(50_000, 50_001);
        int first = ports.take("a").orElseThrow();
        int second = ports.take("b").orElseThrow();
        ports.release(second, "b");
        ports.release(first, "a");

        assertThat(ports.take("a")).hasValue(first);
        assertThat(ports.restsCutShort()).isZero();
    }

    @Test
    void cutsTheLongestRestShortWhenNothingElseIsLeftAndCountsIt() {
        RelayPorts ports = ports(50_000, 50_001);
        int first = ports.take("a").orElseThrow();
        int second = ports.take("a").orElseThrow();
        ports.release(second, "a");
        time.advance(Duration.ofSeconds(1));
        ports.release(first, "a");

        assertThat(ports.take("b")).hasValue(second);
        assertThat(ports.restsCutShort()).isOne();
    }

    @Test
    void findsTheOnlyPair() {
        RelayPorts ports = ports(50_001, 50_003);

        assertThat(ports.takePair("a")).hasValue(50_002);
        assertThat(ports.takePair("a")).isEmpty();
        assertThat(ports.take("a")).hasValue(50_001);
        assertThat(ports.take("a")).isEmpty();
    }

    @Test
    void givesNoPairWhoseSecondPortRests() {
        RelayPorts ports = ports(50_000, 50_001);
        int even = ports.takePair("a").orElseThrow();
        ports.release(even, "a");
        ports.release(even + 1, "a");

        assertThat(ports.takePair("b")).isEmpty();
        time.advance(REST);
        assertThat(ports.takePair("b")).hasValue(50_000);
    }

    @Test
    void givesEvenPortsAndPairsWhereFewAreLeft() {
        RelayPorts ports = ports(50_000, 50_999);
        for (int i = 0; i < 499; i++) {
            assertThat(ports.takeEven("a").orElseThrow()).isEven();
        }

        int even = ports.takePair("a").orElseThrow();

        assertThat(even).isEven();
        assertThat(ports.takeEven("a")).isEmpty();
        assertThat(ports.takePair("a")).isEmpty();
        for (int i = 0; i < 499; i++) {
            assertThat(ports.take("a").orElseThrow()).isOdd().isNotEqualTo(even + 1);
        }
        assertThat(ports.take("a")).isEmpty();
    }

    @Test
    void keepsTrackOfPortsThatAreTakenAndReleasedAtRandom() {
        RelayPorts ports = ports(50_001, 50_050);
        Random random = new Random(5);
        Map<Integer, String> taken = new HashMap<>();
        for (int step = 0; step < 20_000; step++) {
            String user = "u" + random.nextInt(3);
            OptionalInt port = random.nextInt(4) == 0 ? ports.takeEven(user) : ports.take(user);
            port.ifPresent(given -> assertThat(taken.put(given, user)).isNull());
            if (random.nextInt(8) == 0) {
                ports.takePair(user).ifPresent(first -> {
                    assertThat(first).isEven();
                    assertThat(taken.put(first, user)).isNull();
                    assertThat(taken.put(first + 1, user)).isNull();
                });
            }
            List<Integer> all = List.copyOf(taken.keySet());
            for (int i = 0; i < all.size() && (taken.size() == 50 || random.nextInt(3) > 0); i++) {
                int released = all.get(random.nextInt(all.size()));
                if (taken.containsKey(released)) {
                    ports.release(released, taken.remove(released));
                }
            }
            time.advance(Duration.ofSeconds(random.nextInt(20)));
            assertThat(ports.freeCount() + taken.size()).isLessThanOrEqualTo(50);
        }
        taken.forEach(ports::release);
        time.advance(REST);
        assertThat(ports.freeCount()).isEqualTo(50);
    }

    @Test
    void refusesAnEmptyRange() {
        assertThatThrownBy(() -> ports(50_001, 50_000)).isInstanceOf(IllegalArgumentException.class);
    }
}
