package io.turnpike.telemetry.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetRulesTest {
    private static final TargetRules STRICT = new TargetRules(false, List.of());

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "100.64.0.1", "100.127.255.255",
        "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.168.1.1", "192.0.0.192", "198.18.0.1", "198.19.255.255",
        "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1",
        "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
        "2001::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "100::1", "4000::1"})
    void refusesWhatIsNotPublic(String address) throws Exception {
        assertThat(STRICT.allows(InetAddress.getByName(address))).isFalse();
        String host = address.contains(":") ? '[' + address + ']' : address;
        assertThat(STRICT.refusal(URI.create("https://" + host + "/"))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
        "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111",
        "2001:200::1", "2003::1", "3ffe::1"})
    void allowsWhatIsPublic(String address) throws Exception {
        assertThat(STRICT.allows(InetAddress.getByName(address))).isTrue();
    }

    @Test
    void allowsWhatTheConfigurationNamesAndNothingBesideIt() throws Exception {
        TargetRules rules = new TargetRules(true, AddressBlock.list("10.1.0.0/16", "::1", "10.9.9.8/30"));

        assertThat(rules.allows(InetAddress.getByName("10.1.255.255"))).isTrue();
        assertThat(rules.allows(InetAddress.getByName("10.2.0.0"))).isFalse();
        assertThat(rules.allows(InetAddress.getByName("10.9.9.11"))).isTrue();
        assertThat(rules.allows(InetAddress.getByName("10.9.9.12"))).isFalse();
        assertThat(rules.allows(InetAddress.getByName("::1"))).isTrue();
        assertThat(rules.allows(InetAddress.getByName("::2"))).isFalse();
        assertThat(rules.refusal(URI.create("http://10.1.2.3/"))).isEmpty();
    }

    @Test
    void plainHttpIsForThoseWhoAllowIt() {
        assertThat(STRICT.refusal(URI.create("http://hooks.example.org/"))).isPresent();
        assertThat(STRICT.refusal(URI.create("https://hooks.example.org/"))).isEmpty();
        assertThat(new TargetRules(true, List.of()).refusal(URI.create("http://hooks.example.org/"))).isEmpty();
    }

    @Test
    void namesAreNotJudgedBeforeTheyAreResolved() {
        assertThat(STRICT.refusal(URI.create("https://localhost/"))).isEmpty();
        assertThat(TargetRules.literal("2130706433")).isEmpty();
        assertThat(TargetRules.literal("localhost")).isEmpty();
    }
}
