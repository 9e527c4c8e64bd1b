package io.turnpike.stun;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;

/** The enums against the IANA registry, both ways. */
class IanaRegistryTest {

    private static final Set<String> COVERED = Set.of("RFC8489", "RFC8656", "RFC5780", "RFC6062", "RFC7635", "RFC8016");

    @Test
    void methodsAreThoseOfTheRegistry() throws IOException {
        assertAgrees("stun-methods", StunMethod.values(), StunMethod::code, StunMethod::registryName);
    }

    @Test
    void attributesAreThoseOfTheRegistry() throws IOException {
        assertAgrees("stun-attributes", AttributeType.values(), AttributeType::code, AttributeType::registryName);
    }

    @Test
    void errorCodesAreThoseOfTheRegistry() throws IOException {
        assertAgrees("stun-error-codes", ErrorCode.values(), ErrorCode::code, ErrorCode::reason);
    }

    @Test
    void passwordAlgorithmsAreThoseOfTheRegistry() throws IOException {
        assertAgrees("stun-password-algorithms", PasswordHash.values(), PasswordHash::code,
                PasswordHash::registryName);
    }

    @Test
    void everyAttributeIsFoundByItsCodeAndByItsRecord() {
        for (AttributeType type : AttributeType.values()) {
            assertThat(AttributeType.ofCode(type.code())).isEqualTo(type);
            assertThat(AttributeType.of(type.valueClass())).isEqualTo(type);
        }
        assertThat(StunAttribute.class.getPermittedSubclasses()).containsExactlyInAnyOrder(
                Arrays.stream(AttributeType.values()).map(AttributeType::valueClass).toArray(Class<?>[]::new));
    }

    @Test
    void codesOutsideTheRegistryAreUnknown() {
        Set<Integer> known = Arrays.stream(AttributeType.values()).map(AttributeType::code)
                .collect(Collectors.toSet());
        for (int code = 0; code <= 0xFFFF; code++) {
            assertThat(AttributeType.ofCode(code) != null).as("0x%04X", code).isEqualTo(known.contains(code));
        }
    }

    private static <E> void assertAgrees(String table, E[] constants, ToIntFunction<E> code,
            Function<E, String> name) throws IOException {
        Map<Integer, String> all = new TreeMap<>();
        Map<Integer, String> covered = new TreeMap<>();
        for (String[] row : rows(table)) {
            int value = Integer.decode(row[0]);
            assertThat(all.put(value, row[1])).as("twice in the registry: %s", row[0]).isNull();
            if (COVERED.contains(row[2]) && !row[1].startsWith("Reserved")) {
                covered.put(value, row[1]);
            }
        }
        Map<Integer, String> ours = new TreeMap<>();
        for (E constant : constants) {
            ours.put(code.applyAsInt(constant), name.apply(constant));
        }
        assertThat(all).containsAllEntriesOf(ours);
        assertThat(ours).containsAllEntriesOf(covered);
    }

    private static String[][] rows(String table) throws IOException {
        try (InputStream in = IanaRegistryTest.class.getResourceAsStream("/iana/" + table + ".csv")) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().skip(1)
                    .map(line -> line.split(",", -1)).toArray(String[][]::new);
        }
    }
}
