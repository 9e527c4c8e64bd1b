package io.turnpike.system.quota;

import io.turnpike.telemetry.ledger.QuotaAccount;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Grants to users for a period that their node did not know when it closed them: docs/quota-protocol.md, known gaps. Such a
 * grant stays charged until its period is over, also when the node opens the account again.
 */
final class UnseenGrants {
    private final Set<String> seen = new TreeSet<>();
    /** What openings never saw that others have followed, by account. */
    private Map<String, Long> earlierBytes = new TreeMap<>();
    private Map<String, Long> committedBytes = Map.of();

    /** A node holds a grant of an opening. */
    void sees(String accountKey, long opening) {
        seen.add(opening(accountKey, opening));
    }

    /** Whether the node of an account that is not settled has seen no grant of its opening. */
    boolean isUnseen(QuotaAccount account) {
        return !account.closed() && account.drawnBytes() == 0
                && !seen.contains(opening(account.key().text(), account.opening()));
    }

    /** An opening that saw no grant has ended. */
    void endsUnseen(QuotaAccount account) {
        earlierBytes.merge(account.key().text(), account.grantBytes(), Long::sum);
    }

    /** What is charged for openings that have ended and saw no grant. */
    long earlierBytesOf(QuotaAccount account) {
        return earlierBytes.getOrDefault(account.key().text(), 0L);
    }

    void committed() {
        committedBytes = Map.copyOf(earlierBytes);
    }

    void aborted() {
        earlierBytes = new TreeMap<>(committedBytes);
    }

    private static String opening(String accountKey, long opening) {
        return accountKey + '/' + opening;
    }
}
