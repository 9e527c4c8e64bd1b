package io.turnpike.node.config;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a service listens, as it was configured: the host may be a name, which nobody has looked up yet.
 *
 * @param host name or IP address, without brackets
 * @param port 1 to 65535
 */
public record HostAndPort(String host, int port) {
    private static final Pattern TEXT = Pattern
            .compile(
                    "(?:[A-Za-z][A-Za-z0-9_+.-]*://)?(?:\\[(?<ipv6>[0-9A-Fa-f:.]+)]|(?<host>[^\\s:\\[\\]/]+)):(?<port>[0-9]{1,5})");

    /** The address of a host that is an IP address. */
    static InetSocketAddress literal(String address, int port) {
        try {
            return new InetSocketAddress(
                    InetAddress.getByAddress(NetUtil.createByteArrayFromIpAddressString(address)), port);
        } catch (UnknownHostException e) {
            throw new InvalidConfigException(address + " is no IP address");
        }
    }

    static List<HostAndPort> parseAll(String key, List<String> texts) {
        return texts.stream().map(text -> parse(key, text.trim())).toList();
    }

    private static HostAndPort parse(String key, String text) {
        Matcher match = TEXT.matcher(text);
        Rules.require(match.matches(), key, "must be host:port, not " + text);
        int port = Integer.parseInt(match.group("port"));
        Rules.range(key, port, 1, 65_535);
        return new HostAndPort(match.group("ipv6") == null ? match.group("host") : match.group("ipv6"), port);
    }
}
