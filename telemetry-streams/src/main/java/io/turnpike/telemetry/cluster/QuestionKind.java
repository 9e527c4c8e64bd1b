package io.turnpike.telemetry.cluster;

import io.turnpike.telemetry.query.PartitionStores;
import io.turnpike.telemetry.query.StoreGroup;
import java.util.function.BiFunction;

/**
 * A kind of question as every instance knows it.
 *
 * @param scans whether it reads many rows
 */
record QuestionKind<Q extends Record, A extends Record>(String name, StoreGroup group, Class<Q> question,
        Class<A> answer, boolean scans, BiFunction<Q, PartitionStores, A> answering) {}
