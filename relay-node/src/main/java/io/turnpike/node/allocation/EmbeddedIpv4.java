package io.turnpike.node.allocation;

import io.turnpike.node.config.PeerRules;

/**
 * Finds the IPv4 addresses that hide in an IPv6 address: each of them is where packets may end up, so each must be
 * allowed too (RFC 8656 section 21.4; CVE-2026-27624). Allocates nothing.
 */
final class EmbeddedIpv4 {
    /** Says whether an IPv4 address may be reached. */
    interface Check {
        Verdict verdict(int ipv4, int port, PeerRules rules);
    }

    private static final long LOW_32 = 0xFFFF_FFFFL;
    private static final long LOCAL_NAT64 = 0x0064_FF9B_0001L;

    private EmbeddedIpv4() {}

    /** Whether the address is IPv4-mapped, ::ffff:0:0/96: another spelling of an IPv4 address (RFC 4291). */
    static boolean isMapped(long high, long low) {
        return high == 0 && low >>> 32 == 0xFFFF;
    }

    /** The first refusal among the IPv4 addresses inside, or {@code fallback} if there is none. */
    static Verdict firstRefusal(long high, long low, int port, PeerRules rules, Check check, Verdict fallback) {
        Verdict verdict = Verdict.ALLOWED_PUBLIC;
        if (high >>> 48 == 0x2002) { // 6to4 (RFC 3056): bits 16 to 47
            verdict = refusal(verdict, check.verdict((int) (high >>> 16), port, rules));
        }
        if (high >>> 32 == 0x2001_0000L) { // Teredo (RFC 4380): server in bits 32 to 63, client inverted at the end
            verdict = refusal(verdict, check.verdict((int) high, port, rules));
            verdict = refusal(verdict, check.verdict((int) ~low, port, rules));
        }
        if (high >>> 16 == LOCAL_NAT64) { // NAT64, local prefix (RFC 8215): a network may cut it at /48, /56 or /64
            verdict = reading(verdict, (int) (high & 0xFFFF) << 16 | (int) (low >>> 40) & 0xFFFF, port, rules, check);
            verdict = reading(verdict, (int) (high & 0xFF) << 24 | (int) (low >>> 32) & 0xFF_FFFF, port, rules, check);
            verdict = reading(verdict, (int) (low >>> 24), port, rules, check);
        }
        if (endsInIpv4(high, low)) {
            verdict = refusal(verdict, check.verdict((int) low, port, rules));
        }
        return verdict.allowed() ? fallback : verdict;
    }

    /** One of several ways to read an address (RFC 6052 section 2.2); what begins with 0 was not meant this way. */
    private static Verdict reading(Verdict sofar, int ipv4, int port, PeerRules rules, Check check) {
        return ipv4 >>> 24 == 0 ? sofar : refusal(sofar, check.verdict(ipv4, port, rules));
    }

    private static Verdict refusal(Verdict sofar, Verdict next) {
        return sofar.allowed() ? next : sofar;
    }

    /** IPv4-compatible, translated, NAT64 and ISATAP addresses have it in their last 32 bits. */
    private static boolean endsInIpv4(long high, long low) {
        long third = low >>> 32 & LOW_32;
        boolean compatible = high == 0 && third == 0 && low != 0 && low != 1; // RFC 4291, deprecated
        boolean translated = high == 0 && third == 0xFFFF_0000L; // ::ffff:0:0:0/96 (RFC 2765)
        boolean nat64 = high == 0x0064_FF9B_0000_0000L && third == 0 || high >>> 16 == LOCAL_NAT64;
        boolean isatap = (third & ~0x0200_0000L) == 0x5EFE; // RFC 5214: interface id 0000:5efe or 0200:5efe
        return compatible || translated || nat64 || isatap;
    }
}
