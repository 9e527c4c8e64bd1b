package io.turnpike.stun;

import static io.turnpike.stun.TestMessages.decoded;
import static io.turnpike.stun.TestMessages.wire;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.Unpooled;
import io.netty.buffer.ByteBuf;
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

    /** "Unauthenticated" has 15 characters and one byte of padding, which is no part of the phrase. */
    @Test
    void thePhrasesLengthLeavesOutItsPadding() {
        ByteBuf message = Unpooled.buffer();
        new StunMessageBuilder().begin(message, StunMethod.ALLOCATE, StunClass.ERROR_RESPONSE, new TransactionId(1, 2))
                .add(new ErrorCodeAttribute(ErrorCode.UNAUTHENTICATED));

        assertThat(message.getUnsignedShort(StunFrame.HEADER_BYTES + 2)).isEqualTo(4 + 15);
        assertThat(message.getUnsignedShort(2)).isEqualTo(4 + 4 + 15 + 1);
        assertThat(message.readableBytes()).isEqualTo(StunFrame.HEADER_BYTES + 24);
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
