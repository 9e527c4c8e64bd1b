package io.turnpike.telemetry.query;

import java.util.List;

/**
 * A kind of question that a single partition can answer. Whoever asks need not know where the partitions are. An answer of
 * a standby is marked stale; what nobody answers in time is missing, and never taken for empty.
 *
 * @param <Q> what is asked for
 * @param <A> what one partition answers
 */
public interface Question<Q, A> {
    /**
     * Asks the partition of a key.
     *
     * @param key as the records of the group are keyed
     * @throws StoreUnavailable if it does not answer in time
     */
    Answer<A> ofKey(String key, Q question);

    /**
     * Asks every partition at once.
     *
     * @return an answer of each partition that answered, in the order of the partitions; the freshness says which did not
     * @throws StoreUnavailable if none answers in time
     */
    Answer<List<A>> ofAll(Q question);

    /**
     * Asks one partition by its number.
     *
     * @throws StoreUnavailable if it does not answer in time
     */
    Answer<A> ofPartition(int partition, Q question);

    /**
     * How many partitions there are.
     *
     * @throws StoreUnavailable if that is not known yet
     */
    int partitions();
}
