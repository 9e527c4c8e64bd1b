package io.turnpike.telemetry.ledger;

import java.util.List;
import java.util.TreeMap;

/** Scopes that take turns, so that a tick looks at some of them only. Confined to the ledger's task. */
final class Rota {
    private final TreeMap<String, QuotaScope> scopes = new TreeMap<>();
    private String last = "";

    void add(QuotaScope scope) {
        scopes.put(scope.text(), scope);
    }

    void remove(QuotaScope scope) {
        scopes.remove(scope.text());
    }

    /** The next ones, behind those of the call before; after the last one it begins anew. */
    List<QuotaScope> next(int most) {
        List<QuotaScope> due = scopes.tailMap(last, false).values().stream().limit(most).toList();
        last = due.size() < most ? "" : due.get(due.size() - 1).text();
        return due;
    }
}
