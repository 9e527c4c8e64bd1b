package io.turnpike.stun;

import static io.turnpike.stun.TestMessages.decoded;
import static io.turnpike.stun.TestMessages.wire;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ERROR-CODE, ADDRESS-ERROR-CODE and UNKNOWN-ATTRIBUTES. */
class ErrorAttributesTest {

    @ParameterizedTest
    @EnumSource
    void everyErrorSurvivesTheWire(ErrorCode error) {
        ErrorCodeAttribute attribute = new ErrorCodeAttribute(error);
        assertThat(decoded(AttributeType.ERROR_CODE, wire(attribute))).isEqualTo(attribute);
        assertThat(attribute.error()).contains(error);

        AddressErrorCode refused = new AddressErrorCode(AddressFamily.IPV6, error);
        assertThat(decoded(AttributeType.ADDRESS_ERROR_CODE, wire(refused))).isEqualTo(refused);
    }

    @Test
    void writesClassAndNumberApart() {
        assertThat(wire(new ErrorCodeAttribute(438, "ab"))).isEqualTo("000004266162");
        assertThat(wire(new AddressErrorCode(2, 440, ""))).isEqualTo("02000428");
    }

    @Test
    void ignoresReservedBitsAndUnknownCodes() {
        assertThat(decoded(AttributeType.ERROR_CODE, "ffffff63"))
                .as("class 7 does not exist").isNull();
        assertThat(decoded(AttributeType.ERROR_CODE, "fffffe63")).isEqualTo(new ErrorCodeAttribute(699, ""));
        assertThat(new ErrorCodeAttribute(699, "").error()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "000004", "00000200", "00000700", "00000464"})
    void refusesWhatIsNoError(String value) {
        assertThat(decoded(AttributeType.ERROR_CODE, value)).isNull();
        assertThat(decoded(AttributeType.ADDRESS_ERROR_CODE, value)).isNull();
    }

    @Test
    void refusesAReasonThatIsTooLong() {
        assertThat(decoded(AttributeType.ERROR_CODE, "00000400" + "61".repeat(764))).isNull();
        assertThat(decoded(AttributeType.ADDRESS_ERROR_CODE, "01000400" + "61".repeat(764))).isNull();
        assertThatIllegalArgumentException().isThrownBy(() -> new ErrorCodeAttribute(400, "a".repeat(764)));
        assertThatIllegalArgumentException().isThrownBy(() -> new ErrorCodeAttribute(299, ""));
        assertThatIllegalArgumentException().isThrownBy(() -> new AddressErrorCode(1, 700, ""));
    }

    @Test
    void listsUnknownAttributes() {
        UnknownAttributes unknown = new UnknownAttributes(List.of(0x7F00, 0x001A, 0x0024));
        assertThat(wire(unknown)).isEqualTo("7f00001a0024");
        assertThat(decoded(AttributeType.UNKNOWN_ATTRIBUTES, "7f00001a0024")).isEqualTo(unknown);
        assertThat(decoded(AttributeType.UNKNOWN_ATTRIBUTES, "7f0000")).isNull();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new UnknownAttributes(List.of(0x10000)));
    }
}
