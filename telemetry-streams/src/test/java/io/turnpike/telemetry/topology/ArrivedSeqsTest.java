package io.turnpike.telemetry.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.telemetry.store.v1.Session;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ArrivedSeqsTest {
    private final Session session = fresh();

    private static Session fresh() {
        Session session = new Session();
        session.setNewestSeq(ArrivedSeqs.NONE);
        session.setMissingSeqs(List.of());
        return session;
    }

    @Test
    void eachArrivesOnce() {
        assertThat(add(0, 1, 2)).containsExactly(true, true, true);
        assertThat(add(0, 1, 2, -1)).containsExactly(false, false, false, false);
        assertThat(session.getNewestSeq()).isEqualTo(2);
        assertThat(session.getMissingSeqs()).isEmpty();
    }

    @Test
    void aGapIsClosedFromAnySide() {
        assertThat(add(9)).containsExactly(true);
        assertThat(session.getMissingSeqs()).containsExactly(0, 8);
        assertThat(add(0, 8, 4, 4)).containsExactly(true, true, true, false);
        assertThat(session.getMissingSeqs()).containsExactly(1, 3, 5, 7);
        assertThat(add(1, 3, 2, 6, 5, 7)).containsOnly(true);
        assertThat(session.getMissingSeqs()).isEmpty();
    }

    @Test
    void theHighestNumberIsOneToo() {
        assertThat(add(Integer.MAX_VALUE, 0, Integer.MAX_VALUE, Integer.MAX_VALUE - 1))
                .containsExactly(true, true, false, true);
    }

    @Test
    void inAnyOrderNoneIsCountedTwiceAndNoMoreIsKeptThanTheBound() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            Session shuffled = fresh();
            List<Integer> order = new ArrayList<>(IntStream.range(0, 80).boxed().toList());
            order.addAll(order.subList(0, 40));
            Collections.shuffle(order, random);
            Set<Integer> arrived = new HashSet<>();
            int counted = 0;
            for (int seq : order) {
                boolean isFirst = arrived.add(seq);
                boolean isNew = ArrivedSeqs.add(shuffled, seq);
                assertThat(isNew && !isFirst).as("seed %d: %d twice", seed, seq).isFalse();
                counted += isNew ? 1 : 0;
                assertThat(shuffled.getMissingSeqs().size()).isLessThanOrEqualTo(2 * ArrivedSeqs.MOST_RANGES);
            }
            assertThat(counted).isPositive().isLessThanOrEqualTo(80);
        }
    }

    private List<Boolean> add(int... seqs) {
        return IntStream.of(seqs).mapToObj(seq -> ArrivedSeqs.add(session, seq)).toList();
    }
}
