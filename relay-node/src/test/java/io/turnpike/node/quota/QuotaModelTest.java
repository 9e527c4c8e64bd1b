package io.turnpike.node.quota;

import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;
import static io.turnpike.node.quota.QuotaBench.NODE;
import static io.turnpike.node.quota.QuotaBench.TENANT;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.node.event.QuotaAccountState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Random grants, in any order, repeated, of this and other processes, between random debits, recalls and pauses: what is
 * forwarded never passes the largest allowance of this process that the node may have believed, and U never falls.
 */
class QuotaModelTest {
    /** One step of a story. */
    sealed interface Step {
        void play(Story story);
    }

    record Deliver(int seq, boolean foreign, boolean recall) implements Step {
        @Override
        public void play(Story story) {
            story.deliver(seq, foreign, recall);
        }
    }

    record Debit(int loop, int bytes, boolean refused) implements Step {
        @Override
        public void play(Story story) {
            story.debit(loop, bytes, refused);
        }
    }

    record Pass(int millis) implements Step {
        @Override
        public void play(Story story) {
            story.bench.pass(Duration.ofMillis(millis));
            story.check();
        }
    }

    /** A node, and the ledger's grants: number {@code seq} allows {@code seq * 5,000} bytes. */
    private static final class Story {
        private static final int BYTES_PER_SEQ = 5_000;

        private final QuotaBench bench = QuotaBench.hard();
        private final List<Allowance> allowances = new ArrayList<>();
        private int newestSeq;
        private long forwarded;
        private long drawn;

        Story() {
            deliver(1, false, false);
            allowances.add(bench.allowance(0));
            allowances.add(bench.allowance(1));
        }

        void deliver(int seq, boolean foreign, boolean recall) {
            QuotaPeriod period = bench.month("2026-11-01");
            bench.table.applyGrant(new QuotaGrant(TENANT, "", period.id(), period.start(), period.end(),
                    NODE.nodeId(), foreign ? NODE.epoch() - 1 : NODE.epoch(), NODE.processNonce(), 5, seq,
                    (long) seq * BYTES_PER_SEQ, false, recall, false, 0, false));
            newestSeq = foreign ? newestSeq : Math.max(newestSeq, seq);
            bench.run();
            check();
        }

        void debit(int loop, int bytes, boolean refused) {
            if (allowances.get(loop).debit(bytes, CLIENT_TO_PEER)) {
                forwarded += bytes;
                assertThat(forwarded).isLessThanOrEqualTo((long) newestSeq * BYTES_PER_SEQ);
                if (refused) {
                    allowances.get(loop).refund(bytes);
                    forwarded -= bytes;
                }
            }
        }

        void check() {
            for (QuotaAccountState account : bench.reports.isEmpty()
                    ? List.<QuotaAccountState>of()
                    : bench.last().accounts()) {
                assertThat(account.drawnBytes()).isGreaterThanOrEqualTo(drawn);
                assertThat(account.spentBytes()).isLessThanOrEqualTo(account.drawnBytes());
                assertThat(account.drawnBytes()).isLessThanOrEqualTo(account.capBytes());
                assertThat(account.capBytes()).isLessThanOrEqualTo((long) newestSeq * BYTES_PER_SEQ);
                drawn = account.drawnBytes();
            }
        }
    }

    @Property(tries = 300)
    void neverForwardsMoreThanItsNewestGrant(@ForAll("steps") List<Step> steps) {
        Story story = new Story();
        steps.forEach(step -> step.play(story));
        story.bench.pass(Duration.ofSeconds(1));
        story.check();
        assertThat(story.forwarded).isLessThanOrEqualTo(story.drawn);
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Step> deliver = Combinators
                .combine(Arbitraries.integers().between(1, 12), Arbitraries.of(true, false),
                        Arbitraries.of(true, false))
                .as(Deliver::new);
        Arbitrary<Step> debit = Combinators.combine(Arbitraries.integers().between(0, 1),
                Arbitraries.integers().between(0, 2_000), Arbitraries.of(true, false, false, false)).as(Debit::new);
        Arbitrary<Step> pass = Arbitraries.of(10, 1_000, 11_000).map(Pass::new);
        return Arbitraries.frequencyOf(net.jqwik.api.Tuple.of(3, deliver), net.jqwik.api.Tuple.of(12, debit),
                net.jqwik.api.Tuple.of(1, pass)).list().ofMaxSize(120);
    }
}
