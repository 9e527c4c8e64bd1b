package io.turnpike.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UserKeyTest {

    @Test
    void readsWhatItWrites() {
        for (String user : new String[]{"al", "", "a|l", "|"}) {
            UserKey key = new UserKey("acme", user);

            assertThat(UserKey.parse(key.text())).contains(key);
        }
    }

    @Test
    void isNoTextWithoutASeparator() {
        assertThat(UserKey.parse("acme")).isEmpty();
    }
}
