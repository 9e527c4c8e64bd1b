package io.turnpike.node;

import io.netty.util.NetUtil;
import io.turnpike.node.config.RelayConfig.RelayAddressConfig;
import io.turnpike.node.transport.RelayAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * The configured relay addresses, read.
 *
 * @param ipv4 if IPv4 is relayed
 * @param ipv6 if IPv6 is relayed
 */
record RelayAddresses(Optional<RelayAddress> ipv4, Optional<RelayAddress> ipv6) {
    static RelayAddresses of(RelayAddressConfig config) {
        return new RelayAddresses(relayAddress(config.ipv4(), config.advertisedIpv4()),
                relayAddress(config.ipv6(), config.advertisedIpv6()));
    }

    private static Optional<RelayAddress> relayAddress(Optional<String> bind, Optional<String> advertised) {
        return bind.map(address -> new RelayAddress(address(address), address(advertised.orElse(address))));
    }

    /** Reads an address without looking any name up. */
    static InetAddress address(String text) {
        try {
            return InetAddress.getByAddress(NetUtil.createByteArrayFromIpAddressString(text));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not an IP address: " + text, e);
        }
    }
}
