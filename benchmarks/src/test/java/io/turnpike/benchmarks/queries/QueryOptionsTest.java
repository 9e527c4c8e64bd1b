package io.turnpike.benchmarks.queries;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class QueryOptionsTest {
    @Test
    void asksAboutAHundredThousandUsersUnlessToldOtherwise() {
        QueryOptions options = QueryOptions.parse("--questions", "9", "--json", "out.json");

        assertThat(options.users()).isEqualTo(100_000);
        assertThat(options.questions()).isEqualTo(9);
        assertThat(options.rounds()).isEqualTo(3);
        assertThat(options.json()).isPresent();
    }

    @Test
    void isShortWhenQuick() {
        assertThat(QueryOptions.parse("--quick").users()).isEqualTo(2_000);
        assertThat(QueryOptions.parse("--partitions", "3", "--quick").partitions()).isEqualTo(3);
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        for (String wrong : new String[]{"--users x", "--users 3", "--user 7", "--questions", "--records -1"}) {
            assertThatIllegalArgumentException().as(wrong).isThrownBy(() -> QueryOptions.parse(wrong.split(" ")));
        }
    }
}
