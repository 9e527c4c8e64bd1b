package io.turnpike.node.allocation;

import io.turnpike.node.config.CidrBlock;
import io.turnpike.node.event.PeerClass;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The verdict over every address that has no port: the address space cut where a rule begins or ends, so that an answer
 * is one binary search over unsigned numbers. An operator's denied block wins over an allowed one, both over the
 * special-purpose ranges. Immutable.
 */
final class VerdictTable {
    private static final Comparator<long[]> UNSIGNED_128 = (a, b) -> compare(a[0], a[1], b[0], b[1]);

    private final long[] ipv4Starts;
    private final Verdict[] ipv4Verdicts;
    private final long[] ipv6Highs;
    private final long[] ipv6Lows;
    private final Verdict[] ipv6Verdicts;

    VerdictTable(List<CidrBlock> allow, List<CidrBlock> deny) {
        Map<CidrBlock, PeerClass> special = SpecialPurposeRanges.all();
        TreeSet<Long> ipv4 = new TreeSet<>(List.of(0L));
        TreeSet<long[]> ipv6 = new TreeSet<>(UNSIGNED_128);
        ipv6.add(new long[2]);
        for (List<CidrBlock> blocks : List.of(List.copyOf(special.keySet()), allow, deny,
                List.of(SpecialPurposeRanges.GLOBAL_UNICAST))) {
            for (CidrBlock block : blocks) {
                cut(block, ipv4, ipv6);
            }
        }
        Rules rules = new Rules(special, allow, deny);
        ipv4Starts = ipv4.stream().mapToLong(Long::longValue).toArray();
        ipv4Verdicts = ipv4.stream().map(start -> rules.verdict(start.intValue())).toArray(Verdict[]::new);
        ipv6Highs = ipv6.stream().mapToLong(start -> start[0]).toArray();
        ipv6Lows = ipv6.stream().mapToLong(start -> start[1]).toArray();
        ipv6Verdicts = ipv6.stream().map(start -> rules.verdict(start[0], start[1])).toArray(Verdict[]::new);
    }

    private static void cut(CidrBlock block, TreeSet<Long> ipv4, TreeSet<long[]> ipv6) {
        if (!block.ipv6()) {
            ipv4.add(block.low());
            if (block.lastLow() != 0xFFFF_FFFFL) {
                ipv4.add(block.lastLow() + 1);
            }
            return;
        }
        ipv6.add(new long[]{block.high(), block.low()});
        long nextLow = block.lastLow() + 1;
        long nextHigh = block.lastHigh() + (nextLow == 0 ? 1 : 0);
        if (nextHigh != 0 || nextLow != 0) {
            ipv6.add(new long[]{nextHigh, nextLow});
        }
    }

    Verdict ipv4(int address) {
        long unsigned = Integer.toUnsignedLong(address);
        int first = 0;
        int last = ipv4Starts.length - 1;
        while (first < last) {
            int middle = first + last + 1 >>> 1;
            if (ipv4Starts[middle] <= unsigned) {
                first = middle;
            } else {
                last = middle - 1;
            }
        }
        return ipv4Verdicts[first];
    }

    Verdict ipv6(long high, long low) {
        int first = 0;
        int last = ipv6Highs.length - 1;
        while (first < last) {
            int middle = first + last + 1 >>> 1;
            if (compare(ipv6Highs[middle], ipv6Lows[middle], high, low) <= 0) {
                first = middle;
            } else {
                last = middle - 1;
            }
        }
        return ipv6Verdicts[first];
    }

    private static int compare(long high, long low, long otherHigh, long otherLow) {
        int byHigh = Long.compareUnsigned(high, otherHigh);
        return byHigh == 0 ? Long.compareUnsigned(low, otherLow) : byHigh;
    }

    /** The rules as the operator knows them, asked once for each cut. */
    private record Rules(Map<CidrBlock, PeerClass> special, List<CidrBlock> allow, List<CidrBlock> deny) {
        Verdict verdict(int ipv4) {
            PeerClass peerClass = special.entrySet().stream().filter(range -> range.getKey().contains(ipv4))
                    .map(Map.Entry::getValue).findFirst().orElse(PeerClass.PUBLIC);
            return verdict(peerClass, allow.stream().anyMatch(block -> block.contains(ipv4)),
                    deny.stream().anyMatch(block -> block.contains(ipv4)));
        }

        Verdict verdict(long high, long low) {
            PeerClass other = SpecialPurposeRanges.GLOBAL_UNICAST.contains(high, low)
                    ? PeerClass.PUBLIC
                    : PeerClass.DENIED_RANGE;
            PeerClass peerClass = special.entrySet().stream().filter(range -> range.getKey().contains(high, low))
                    .map(Map.Entry::getValue).findFirst().orElse(other);
            return verdict(peerClass, allow.stream().anyMatch(block -> block.contains(high, low)),
                    deny.stream().anyMatch(block -> block.contains(high, low)));
        }

        private static Verdict verdict(PeerClass peerClass, boolean allowed, boolean denied) {
            if (denied) {
                return Verdict.forbidden(peerClass);
            }
            return allowed || peerClass == PeerClass.PUBLIC ? Verdict.allowed(peerClass) : Verdict.denied(peerClass);
        }
    }
}
