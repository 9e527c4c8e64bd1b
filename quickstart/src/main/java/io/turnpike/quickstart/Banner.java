package io.turnpike.quickstart;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What a newcomer needs to know when everything serves: where, and as whom. */
final class Banner {
    private Banner() {}

    static String of(QuickstartOptions options, Quickstart quickstart) {
        Ports ports = options.ports();
        List<String> lines = new ArrayList<>();
        lines.add("");
        for (int relay = 1; relay <= options.relays(); relay++) {
            lines.add("  Relay %d     STUN and TURN over UDP and TCP on %s; metrics on http://127.0.0.1:%d/metrics"
                    .formatted(relay, at(ports.relay(relay)), ports.admin(relay)));
            if (Demo.hasAlternate()) {
                lines.add("              NAT behaviour discovery also on %s and port %d"
                        .formatted(Demo.ALTERNATE.getHostAddress(), Ports.alternate(ports.relay(relay))));
            }
            lines.add("              over TLS and DTLS on %s".formatted(at(ports.tls(relay))));
        }
        lines.add("  Dashboard   " + quickstart.api());
        lines.add("  API         " + quickstart.api() + "v1/tenants (reading needs no token here)");
        lines.add("  Kafka       127.0.0.1:" + ports.kafka());
        lines.add("  CA          " + quickstart.authority() + " (TLS and DTLS clients must trust it)");
        lines.add("");
        lines.add("  TURN user   " + Demo.USER + ", password " + Demo.PASSWORD + ", realm " + Demo.REALM);
        lines.add("  Tenant      " + Demo.TENANT + ", shared secret " + Demo.SECRET);
        lines.add("  Operator    bearer token " + Demo.OPERATOR_TOKEN);
        lines.add("");
        return String.join(System.lineSeparator(), lines);
    }

    private static String at(int port) {
        return Demo.relayAddresses().stream()
                .map(address -> (address.equals(Demo.IPV6) ? "[::1]" : address.getHostAddress()) + ":" + port)
                .collect(Collectors.joining(" and "));
    }
}
