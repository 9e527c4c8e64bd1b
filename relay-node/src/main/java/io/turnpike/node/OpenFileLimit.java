package io.turnpike.node;

import com.sun.management.UnixOperatingSystemMXBean;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.node.config.RelayConfig.RelayAddressConfig;
import java.lang.management.ManagementFactory;
import java.util.Optional;

/** Compares how many files the process may open with the relay ports that are configured: each is a socket of its own. */
final class OpenFileLimit {
    /** Listeners, connections to Kafka, logs; clients' connections come on top. */
    private static final int OTHERS = 256;

    private OpenFileLimit() {}

    /** What an operator should know at the start; empty if the limit is high enough or unknown. */
    static Optional<String> shortage(RelayConfig config) {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? shortage(config.relay(), system.getMaxFileDescriptorCount())
                : Optional.empty();
    }

    static Optional<String> shortage(RelayAddressConfig relay, long limit) {
        int hosts = relay.ipv4().size() + relay.ipv6().size();
        long ports = (long) hosts * (relay.portMax() - relay.portMin() + 1);
        if (limit >= ports + OTHERS) {
            return Optional.empty();
        }
        return Optional.of("this process may open " + limit + " files, and " + ports
                + " relay ports are configured: about "
                + Math.max(0, limit - OTHERS) + " allocations fit, later ones are answered 508. Raise the limit to "
                + (ports + OTHERS) + " and what clients' connections need (ulimit -n, LimitNOFILE=, --ulimit nofile=),"
                + " or set relay.port-min and relay.port-max");
    }
}
