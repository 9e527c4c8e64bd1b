package io.turnpike.benchmarks.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class QuotaOptionsTest {

    @Test
    void measuresEveryCombinationUnlessToldOtherwise() {
        QuotaOptions options = QuotaOptions.parse("--rounds", "2", "--mebibytes", "8");

        assertThat(options.relays()).containsExactly(1, 2, 4);
        assertThat(options.tenants()).containsExactly(1, 10, 100);
        assertThat(options.rounds()).isEqualTo(2);
        assertThat(options.volumeBytes()).isEqualTo(8L * 1024 * 1024);
    }

    @Test
    void measuresIdleAndLoadedClustersUnlessToldOtherwise() {
        assertThat(QuotaOptions.parse().loads()).containsExactly(false, true);
        assertThat(QuotaOptions.parse("--load", "calls").loads()).containsExactly(true);
        assertThat(QuotaOptions.parse("--quick").loads()).containsExactly(false);
        assertThatIllegalArgumentException().isThrownBy(() -> QuotaOptions.parse("--load", "heavy"));
    }

    @Test
    void measuresOnlyWhatIsNamed() {
        QuotaOptions options = QuotaOptions.parse("--relays", "3", "--tenants", "5,50");

        assertThat(options.relays()).containsExactly(3);
        assertThat(options.tenants()).containsExactly(5, 50);
    }

    @Test
    void isShortWhenQuick() {
        QuotaOptions options = QuotaOptions.parse("--tenants", "100", "--quick");

        assertThat(options.rounds()).isEqualTo(1);
        assertThat(options.tenants()).containsExactly(2);
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        refuses("--relays", "9");
        refuses("--relays", "1,0");
        refuses("--tenants", "many");
        refuses("--rounds");
        refuses("--speed", "1");
    }

    private static void refuses(String... arguments) {
        assertThatIllegalArgumentException().isThrownBy(() -> QuotaOptions.parse(arguments));
    }
}
