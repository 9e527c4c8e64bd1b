package io.turnpike.node;

import io.netty.util.NetUtil;
import io.turnpike.node.config.RelayConfig.RelayAddressConfig;
import io.turnpike.node.transport.RelayAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The configured relay addresses, read.
 *
 * @param ipv4 none if IPv4 is not relayed
 * @param ipv6 none if IPv6 is not relayed
 */
record RelayAddresses(List<RelayAddress> ipv4, List<RelayAddress> ipv6) {
    static RelayAddresses of(RelayAddressConfig config) {
        return new RelayAddresses(relayAddresses(config.ipv4(), config.advertisedIpv4()),
                relayAddresses(config.ipv6(), config.advertisedIpv6()));
    }

    private static List<RelayAddress> relayAddresses(List<String> bind, List<String> advertised) {
        List<String> told = advertised.isEmpty() ? bind : advertised;
        return IntStream.range(0, bind.size())
                .mapToObj(host -> new RelayAddress(address(bind.get(host)), address(told.get(host)))).toList();
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
