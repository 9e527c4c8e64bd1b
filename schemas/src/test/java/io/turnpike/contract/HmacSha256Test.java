package io.turnpike.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class HmacSha256Test {
    @Test
    void signsTheSecondVectorOfRfc4231HoweverItIsCut() {
        byte[] expected = HexFormat.of().parseHex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");

        assertThat(HmacSha256.of(bytes("Jefe"), bytes("what do ya want for nothing?"))).isEqualTo(expected);
        assertThat(HmacSha256.of(bytes("Jefe"), bytes("what do ya "), bytes(""), bytes("want for nothing?")))
                .isEqualTo(expected);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
