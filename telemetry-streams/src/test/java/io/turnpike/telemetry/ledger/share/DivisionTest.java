package io.turnpike.telemetry.ledger.share;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DivisionTest {
    private static final long CAP = 1_280;

    @Test
    void spreadsWhatNobodyNeedsButAnEighth() {
        Stake one = new Stake(100, CAP, 0, 0);
        Division.ofRate(CAP, List.of(one));
        assertThat(one.granted()).isEqualTo(100 + (CAP - 100) - (CAP - 100) / 8);
        assertThat(one.held()).isEqualTo(one.granted());
    }

    @Test
    void aNewcomerGetsWhatIsFreeAndNobodyIsCutForWhatHeDoesNotNeed() {
        Stake old = new Stake(100, CAP, 1_132, 1_132);
        Stake newcomer = new Stake(10, CAP, 0, 0);
        Division.ofRate(CAP, List.of(old, newcomer));
        assertThat(newcomer.granted()).isEqualTo(148);
        assertThat(old.granted()).isEqualTo(1_132);
    }

    @Test
    void aRaiseWaitsForTheAcknowledgedCut() {
        Stake rich = new Stake(CAP, CAP, CAP, CAP);
        Stake poor = new Stake(CAP, CAP, 0, 0);
        Division.ofRate(CAP, List.of(rich, poor));
        assertThat(rich.granted()).isEqualTo(CAP / 2);
        assertThat(rich.held()).isEqualTo(CAP);
        assertThat(poor.granted()).isZero();
        Stake acknowledged = new Stake(CAP, CAP, rich.granted(), rich.granted());
        Division.ofRate(CAP, List.of(acknowledged, poor));
        assertThat(poor.granted()).isEqualTo(CAP / 2);
    }

    @Test
    void aLoweredCapCutsAllAndRaisesNobody() {
        Stake one = new Stake(900, 0, 640, 640);
        Stake two = new Stake(300, 0, 640, 640);
        Division.ofRate(CAP / 2, List.of(one, two));
        assertThat(one.granted()).isEqualTo(340);
        assertThat(two.granted()).isEqualTo(300);
        assertThat(one.held() + two.held()).isEqualTo(CAP);
    }

    @Test
    void aCapThatIsLoweredByLittleCutsToo() {
        Stake one = new Stake(CAP, 0, CAP / 2, CAP / 2);
        Stake two = new Stake(CAP, 0, CAP / 2, CAP / 2);
        Division.ofRate(CAP - 8, List.of(one, two));
        assertThat(one.granted() + two.granted()).isEqualTo(CAP - 8);
    }

    @Test
    void nobodyIsRaisedWithinWhatHeIsSaidToHoldWhileAllTogetherHoldMoreThanThereIs() {
        Stake late = new Stake(100, 0, 0, 200);
        Stake other = new Stake(CAP, 0, CAP, CAP);
        Division.ofRate(CAP, List.of(late, other));
        assertThat(late.granted()).isZero();
        assertThat(other.granted()).isEqualTo(CAP - 100);
    }

    @Test
    void slotsGoToThoseWhoUseThemBeforeAnybodyHasSpareOnes() {
        Stake full = new Stake(3, 1, 2, 2);
        Stake spare = new Stake(1, 1, 2, 2);
        Division.ofSlots(4, List.of(full, spare));
        assertThat(spare.granted()).isEqualTo(1);
        assertThat(full.granted()).isEqualTo(2);
        Stake acknowledged = new Stake(1, 1, 1, 1);
        Division.ofSlots(4, List.of(full, acknowledged));
        assertThat(full.granted()).isEqualTo(3);
    }

    @Test
    void theSumOfWhatAnybodyMayStillUseStaysWithinTheCapacity() {
        for (long seed = 0; seed < 3_000; seed++) {
            Random random = new Random(seed);
            long cap = 8 + random.nextInt(100_000);
            int count = 1 + random.nextInt(5);
            long[] granted = new long[count];
            long[] held = new long[count];
            for (int round = 0; round < 30; round++) {
                List<Stake> stakes = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    stakes.add(new Stake(random.nextLong(2 * cap), random.nextLong(cap + 1), granted[i], held[i]));
                }
                Division.ofRate(cap, stakes);
                long sum = 0;
                for (int i = 0; i < count; i++) {
                    granted[i] = stakes.get(i).granted();
                    held[i] = random.nextBoolean() ? granted[i] : stakes.get(i).held();
                    assertThat(stakes.get(i).held()).isGreaterThanOrEqualTo(granted[i]);
                    sum += stakes.get(i).held();
                }
                assertThat(sum).as("seed %d", seed).isLessThanOrEqualTo(cap);
            }
        }
    }
}
