package io.turnpike.node.config;

import java.util.List;

/**
 * What a tenant adds to the node's peer policy. Its allowed blocks open private and loopback addresses to its clients,
 * never the cluster's own services nor what the node's {@code peers.deny} names; its denied blocks close addresses that
 * the node would allow.
 *
 * @param allow blocks that are allowed although private or loopback
 * @param deny blocks that are denied, also where allowed
 */
public record PeerRules(List<CidrBlock> allow, List<CidrBlock> deny) {
    /** Rules of a tenant that has none. */
    public static final PeerRules NONE = new PeerRules(List.of(), List.of());
    /** Most blocks of a list: every packet of the tenant's clients is held against each. */
    public static final int MAX_BLOCKS = 64;

    /** Copies the lists, and refuses long ones. */
    public PeerRules {
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
        if (allow.size() > MAX_BLOCKS || deny.size() > MAX_BLOCKS) {
            throw new IllegalArgumentException("a tenant may have at most " + MAX_BLOCKS + " blocks in a list");
        }
    }

    /** Whether the tenant denies an IPv4 address. */
    public boolean denies(int ipv4) {
        return contains(deny, ipv4);
    }

    /** Whether the tenant denies an IPv6 address, given as its two halves. */
    public boolean denies(long high, long low) {
        return contains(deny, high, low);
    }

    /** Whether the tenant asks for an IPv4 address. */
    public boolean allows(int ipv4) {
        return contains(allow, ipv4);
    }

    /** Whether the tenant asks for an IPv6 address, given as its two halves. */
    public boolean allows(long high, long low) {
        return contains(allow, high, low);
    }

    private static boolean contains(List<CidrBlock> blocks, int ipv4) {
        for (int i = 0; i < blocks.size(); i++) {
            if (blocks.get(i).contains(ipv4)) {
                return true;
            }
        }
        return false;
    }

    private static boolean contains(List<CidrBlock> blocks, long high, long low) {
        for (int i = 0; i < blocks.size(); i++) {
            if (blocks.get(i).contains(high, low)) {
                return true;
            }
        }
        return false;
    }
}
