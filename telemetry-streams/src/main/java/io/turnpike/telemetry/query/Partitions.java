package io.turnpike.telemetry.query;

import java.nio.charset.StandardCharsets;
import java.util.function.BiFunction;
import org.apache.kafka.common.utils.Utils;

/** All partitions of all stores, on whichever instance each is. Thread-safe. */
public interface Partitions {
    /**
     * The partition of a key, by Kafka's own partitioner over its UTF-8: every record of the groups, and every record of a
     * tenant, is written by it.
     *
     * @param count how many partitions there are
     */
    static int of(String key, int count) {
        return Utils.toPositive(Utils.murmur2(key.getBytes(StandardCharsets.UTF_8))) % count;
    }

    /**
     * Adds a kind of question. Every instance adds the same ones before it serves, since any may be asked.
     *
     * @param name unique, and kept from version to version: instances of two versions ask each other
     * @param group whose partitions are asked
     * @param question what is asked for; travels as JSON
     * @param answer what one partition answers; travels as JSON
     * @param answering answers from the stores of one partition, on any thread; {@link StoreUnavailable} or Kafka's
     *        InvalidStateStoreException says that it cannot now
     */
    <Q extends Record, A extends Record> Question<Q, A> serve(String name, StoreGroup group, Class<Q> question,
            Class<A> answer, BiFunction<Q, PartitionStores, A> answering);

    /** The same for a question that reads many rows: it has threads of its own, so that short ones do not wait behind it. */
    <Q extends Record, A extends Record> Question<Q, A> serveScan(String name, StoreGroup group, Class<Q> question,
            Class<A> answer, BiFunction<Q, PartitionStores, A> answering);
}
