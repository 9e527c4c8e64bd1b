package io.turnpike.telemetry.webhook;

import io.netty.util.NetUtil;
import io.turnpike.contract.WebhookRules;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;

/**
 * Where requests may go. A webhook's URL is a tenant's wish: without rules it could make this program speak to what only
 * this program can reach, such as a cloud's metadata service. Public addresses alone are allowed, unless the configuration
 * names others; names are judged by what they resolve to, in the moment of connecting.
 *
 * @param allowHttp whether plain HTTP may be spoken
 * @param allowed blocks that are allowed although they are not public
 */
public record TargetRules(boolean allowHttp, List<AddressBlock> allowed) {
    /** IANA special-purpose blocks of IPv4 (RFC 6890 and its registry), multicast and class E. */
    private static final List<AddressBlock> NOT_PUBLIC_V4 = AddressBlock.list("0.0.0.0/8", "10.0.0.0/8",
            "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
            "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3");
    /** Global unicast (RFC 4291 section 2.5.4); all else, such as NAT64 and unique local, is none. */
    private static final AddressBlock GLOBAL_V6 = AddressBlock.parse("2000::/3");
    /** Blocks within it that are special, or carry an IPv4 address: Teredo among the first, 6to4. */
    private static final List<AddressBlock> NOT_PUBLIC_V6 = AddressBlock.list("2001::/23", "2001:db8::/32",
            "2002::/16", "2620:4f:8000::/48", "3fff::/20");

    public TargetRules {
        allowed = List.copyOf(allowed);
    }

    /** Why a URL may not be used, as far as it shows without resolving; empty if nothing speaks against it. */
    public Optional<String> refusal(URI url) {
        if (!allowHttp && WebhookRules.isPlain(url)) {
            return Optional.of("must be https; webhooks.allow-http allows plain HTTP");
        }
        return literal(url.getHost()).filter(address -> !allows(address))
                .map(address -> "names an address that is not public; webhooks.allow-addresses allows others");
    }

    /** Whether a connection to the address may be made. */
    public boolean allows(InetAddress address) {
        byte[] bytes = address.getAddress(); // an IPv4-mapped address is IPv4 here
        if (allowed.stream().anyMatch(block -> block.contains(bytes))) {
            return true;
        }
        return bytes.length == 4
                ? NOT_PUBLIC_V4.stream().noneMatch(block -> block.contains(bytes))
                : GLOBAL_V6.contains(bytes) && NOT_PUBLIC_V6.stream().noneMatch(block -> block.contains(bytes));
    }

    /** The address of a host that is a literal. */
    static Optional<InetAddress> literal(String host) {
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(bare);
        try {
            return bytes == null ? Optional.empty() : Optional.of(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes are an address", e);
        }
    }
}
