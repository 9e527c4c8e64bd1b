package io.turnpike.node.allocation;

import io.turnpike.node.config.CidrBlock;
import io.turnpike.node.event.PeerClass;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The address blocks that no client reaches through the relay unless the operator allows them: the IANA registries of
 * special-purpose IPv4 and IPv6 addresses (RFC 6890), multicast, and all of IPv6 outside global unicast (2000::/3).
 */
final class SpecialPurposeRanges {
    /** The one block of IPv6 that is globally routed; what lies outside is denied whole. */
    static final CidrBlock GLOBAL_UNICAST = CidrBlock.parse("2000::/3");

    private static final String[] PRIVATE = {"10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16",
        "fc00::/7"};
    private static final String[] LOOPBACK = {"127.0.0.0/8", "::1"};
    private static final String[] DENIED = {"0.0.0.0/8", // this network (RFC 791); 0.0.0.0 reaches loopback
        "169.254.0.0/16", // link-local, cloud metadata services (RFC 3927)
        "192.0.0.0/24", // IETF protocol assignments (RFC 6890)
        "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", // documentation (RFC 5737)
        "192.31.196.0/24", "192.175.48.0/24", // AS112 (RFC 7535, RFC 7534)
        "192.52.193.0/24", // automatic multicast tunneling (RFC 7450)
        "192.88.99.0/24", // 6to4 relay anycast, deprecated (RFC 7526)
        "198.18.0.0/15", // benchmarking (RFC 2544)
        "224.0.0.0/4", // multicast (RFC 5771)
        "240.0.0.0/4", // reserved and limited broadcast (RFC 1112, RFC 8190)
        "::", // unspecified (RFC 4291)
        "64:ff9b::/96", "64:ff9b:1::/48", // NAT64 (RFC 6052, RFC 8215)
        "100::/64", "100:0:0:1::/64", // discard-only and dummy prefix (RFC 6666, RFC 9780)
        "2001::/23", // IETF protocol assignments (RFC 2928), Teredo (RFC 4380) and ORCHIDs (RFC 7343) in it
        "2001:db8::/32", "3fff::/20", // documentation (RFC 3849, RFC 9637)
        "2002::/16", // 6to4 (RFC 3056)
        "2620:4f:8000::/48", // AS112 (RFC 7534)
        "5f00::/16", // segment routing identifiers (RFC 9602)
        "fe80::/10", "fec0::/10", // link-local (RFC 4291), site-local (RFC 3879)
        "ff00::/8" // multicast (RFC 4291)
    };

    private SpecialPurposeRanges() {}

    /** Every block with its class; no two overlap. */
    static Map<CidrBlock, PeerClass> all() {
        Map<CidrBlock, PeerClass> ranges = new LinkedHashMap<>();
        put(ranges, PeerClass.PRIVATE, PRIVATE);
        put(ranges, PeerClass.LOOPBACK, LOOPBACK);
        put(ranges, PeerClass.DENIED_RANGE, DENIED);
        return ranges;
    }

    private static void put(Map<CidrBlock, PeerClass> ranges, PeerClass peerClass, String... blocks) {
        for (String block : blocks) {
            ranges.put(CidrBlock.parse(block), peerClass);
        }
    }
}
