package io.turnpike.stun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AddressMapTest {
    private final AddressMap<Integer> map = new AddressMap<>();

    @Test
    void doesWhatAHashMapDoes() {
        Random random = new Random(1);
        Map<TransportAddress, Integer> expected = new HashMap<>();
        for (int step = 0; step < 200_000; step++) {
            TransportAddress address = TransportAddress.of(new InetSocketAddress(
                    (random.nextBoolean() ? "192.0.2." : "2001:db8::") + random.nextInt(30), 1 + random.nextInt(12)));
            if (random.nextInt(3) == 0) {
                assertThat(map.remove(address)).isEqualTo(expected.remove(address));
            } else if (random.nextBoolean()) {
                assertThat(map.put(address, step)).isEqualTo(expected.put(address, step));
            } else {
                assertThat(map.get(address)).isEqualTo(expected.get(address));
            }
            assertThat(map.size()).isEqualTo(expected.size());
        }
        assertThat(map.values()).containsExactlyInAnyOrderElementsOf(expected.values());
        expected.forEach((address, value) -> assertThat(map.remove(address)).isEqualTo(value));
        assertThat(map.isEmpty()).isTrue();
    }

    @Test
    void tellsHostsPortsAndFamiliesApart() {
        map.put(at("192.0.2.1", 1), 1);
        map.put(at("192.0.2.1", 2), 2);
        map.put(at("192.0.2.2", 1), 3);
        map.put(at("::192.0.2.1", 1), 4);
        assertThat(map.get(at("192.0.2.1", 1))).isEqualTo(1);
        assertThat(map.get(at("192.0.2.1", 2))).isEqualTo(2);
        assertThat(map.get(at("192.0.2.2", 1))).isEqualTo(3);
        assertThat(map.get(at("::192.0.2.1", 1))).isEqualTo(4);
        assertThat(map.get(at("192.0.2.3", 1))).isNull();
    }

    @Test
    void isFoundByACursor() {
        map.put(at("2001:db8::7", 65_535), 7);
        AddressCursor cursor = new AddressCursor();
        assertThat(map.get(cursor)).isNull();
        cursor.set(new InetSocketAddress("2001:db8::7", 65_535));
        assertThat(map.get(cursor)).isEqualTo(7);
    }

    @Test
    void holdsNoNull() {
        assertThatNullPointerException().isThrownBy(() -> map.put(at("192.0.2.1", 1), null));
    }

    private static TransportAddress at(String host, int port) {
        return TransportAddress.of(new InetSocketAddress(host, port));
    }
}
