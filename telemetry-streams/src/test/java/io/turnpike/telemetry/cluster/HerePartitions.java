package io.turnpike.telemetry.cluster;

import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.Freshness;
import io.turnpike.telemetry.query.PartitionStores;
import io.turnpike.telemetry.query.Partitions;
import io.turnpike.telemetry.query.Question;
import io.turnpike.telemetry.query.StoreGroup;
import io.turnpike.telemetry.query.StoreUnavailable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** Partitions that are all in this process; questions and answers are still written and read as between instances. */
public record HerePartitions(int partitions, IntFunction<PartitionStores> stores) implements Partitions {
    /** The partitions of a running application. */
    public static HerePartitions of(KafkaStreams streams, int partitions) {
        return new HerePartitions(partitions, partition -> new PartitionStores() {
            @Override
            public <K, V> ReadOnlyKeyValueStore<K, V> open(String store) {
                return streams.store(
                        StoreQueryParameters.fromNameAndType(store, QueryableStoreTypes.<K, V>keyValueStore())
                                .withPartition(partition));
            }
        });
    }

    @Override
    public <Q extends Record, A extends Record> Question<Q, A> serve(String name, StoreGroup group, Class<Q> question,
            Class<A> answer, BiFunction<Q, PartitionStores, A> answering) {
        return new Here<>(question, answer, answering);
    }

    @Override
    public <Q extends Record, A extends Record> Question<Q, A> serveScan(String name, StoreGroup group,
            Class<Q> question, Class<A> answer, BiFunction<Q, PartitionStores, A> answering) {
        return new Here<>(question, answer, answering);
    }

    private static <R extends Record> R sent(R message, Class<R> type) {
        try {
            return PeerMessages.read(PeerMessages.bytes(message), type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Here<Q extends Record, A extends Record> implements Question<Q, A> {
        private final Class<Q> question;
        private final Class<A> answer;
        private final BiFunction<Q, PartitionStores, A> answering;

        Here(Class<Q> question, Class<A> answer, BiFunction<Q, PartitionStores, A> answering) {
            this.question = question;
            this.answer = answer;
            this.answering = answering;
        }

        @Override
        public Answer<A> ofKey(String key, Q asked) {
            return ofPartition(Partitions.of(key, partitions), asked);
        }

        @Override
        public Answer<A> ofPartition(int partition, Q asked) {
            try {
                A answered = answering.apply(sent(asked, question), stores.apply(partition));
                return new Answer<>(sent(answered, answer), Freshness.complete(Instant.now(), 0));
            } catch (InvalidStateStoreException e) {
                throw new StoreUnavailable(e.getMessage(), Duration.ofSeconds(1));
            }
        }

        @Override
        public Answer<List<A>> ofAll(Q asked) {
            return new Answer<>(IntStream.range(0, partitions)
                    .mapToObj(partition -> ofPartition(partition, asked).value()).toList(),
                    Freshness.complete(Instant.now(), 0));
        }

        @Override
        public int partitions() {
            return partitions;
        }
    }
}
