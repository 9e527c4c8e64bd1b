package io.turnpike.stun;

import static io.turnpike.stun.TestMessages.decoded;
import static io.turnpike.stun.TestMessages.wire;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** PASSWORD-ALGORITHM and PASSWORD-ALGORITHMS. */
class PasswordAlgorithmsTest {

    @Test
    void writesTheListInOrder() {
        PasswordAlgorithms list = PasswordAlgorithms.of(PasswordHash.SHA256, PasswordHash.MD5);

        assertThat(wire(list)).isEqualTo("0002000000010000");
        assertThat(decoded(AttributeType.PASSWORD_ALGORITHMS, "0002000000010000")).isEqualTo(list);
    }

    @Test
    void padsParametersBetweenEntries() {
        PasswordAlgorithm odd = new PasswordAlgorithm(0x7FFF, Octets.of((byte) 1, (byte) 2, (byte) 3));
        PasswordAlgorithms list = new PasswordAlgorithms(List.of(odd, new PasswordAlgorithm(PasswordHash.MD5)));

        assertThat(wire(list)).isEqualTo("7fff00030102030000010000");
        assertThat(decoded(AttributeType.PASSWORD_ALGORITHMS, wire(list))).isEqualTo(list);
        assertThat(odd.hash()).isEmpty();
        assertThat(decoded(AttributeType.PASSWORD_ALGORITHM, "7fff0003010203")).isEqualTo(odd);
        assertThat(decoded(AttributeType.PASSWORD_ALGORITHM, "7fff000301020300")).isEqualTo(odd);
    }

    @Test
    void doesNotTakeParametersForAKnownAlgorithm() {
        assertThat(new PasswordAlgorithm(1, Octets.of((byte) 9)).hash()).isEmpty();
        assertThat(new PasswordAlgorithm(2, Octets.of()).hash()).contains(PasswordHash.SHA256);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "000100", "00010001", "000100080102030405", "00020000000100"})
    void refusesAListThatDoesNotFit(String value) {
        assertThat(decoded(AttributeType.PASSWORD_ALGORITHMS, value)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "000100", "00010001", "0002000000010000"})
    void refusesOneAlgorithmThatDoesNotFit(String value) {
        assertThat(decoded(AttributeType.PASSWORD_ALGORITHM, value)).isNull();
    }

    @Test
    void rejectsNonsense() {
        assertThatIllegalArgumentException().isThrownBy(() -> new PasswordAlgorithms(List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> new PasswordAlgorithm(0x10000, Octets.of()));
    }
}
