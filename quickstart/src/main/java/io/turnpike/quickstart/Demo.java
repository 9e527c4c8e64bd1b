package io.turnpike.quickstart;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.util.List;

/** What is fixed in a quickstart, and public knowledge: names, credentials, addresses. Fit for loopback only. */
final class Demo {
    static final String TENANT = "demo";
    static final String USER = "demo";
    static final String PASSWORD = "demo";
    static final String SECRET_ID = "demo";
    static final String SECRET = "demo-secret";
    static final String OPERATOR_TOKEN = "demo-admin";
    static final String REALM = "turnpike";
    static final InetAddress IPV4 = loopback("127.0.0.1");
    static final InetAddress IPV6 = loopback("::1");
    /** Second address of IPv4 for NAT behaviour discovery; Linux serves all of 127.0.0.0/8. */
    static final InetAddress ALTERNATE = loopback("127.0.0.2");

    private Demo() {}

    /** Where relays listen: 127.0.0.1, and ::1 unless this machine has no IPv6. */
    static List<InetAddress> relayAddresses() {
        return hasIpv6() ? List.of(IPV4, IPV6) : List.of(IPV4);
    }

    /** Whether this machine has the second address. */
    static boolean hasAlternate() {
        return Loopback.udpIsFree(ALTERNATE, 0);
    }

    private static boolean hasIpv6() {
        try {
            return NetworkInterface.getByInetAddress(IPV6) != null;
        } catch (IOException e) {
            return false;
        }
    }

    private static InetAddress loopback(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new UncheckedIOException(e);
        }
    }
}
