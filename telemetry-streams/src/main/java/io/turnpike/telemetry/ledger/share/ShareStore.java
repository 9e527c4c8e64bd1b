package io.turnpike.telemetry.ledger.share;

import io.turnpike.contract.QuotaShareKey;
import java.util.function.Consumer;

/** What the ledger keeps of shares; a put is part of the transaction of the record that caused it. */
public interface ShareStore {
    /** Hands each share to the visitor, who must not change the store. */
    void eachShare(Consumer<Share> visitor);

    /** Keeps the share. */
    void put(Share share);

    /** Forgets it. */
    void forget(QuotaShareKey key);
}
