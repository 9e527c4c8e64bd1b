package io.turnpike.telemetry.cluster;

import io.turnpike.telemetry.query.PartitionStores;
import io.turnpike.telemetry.query.StoreGroup;
import io.turnpike.telemetry.query.StoreUnavailable;
import io.turnpike.telemetry.store.CommitHook;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.UserTotals;
import io.turnpike.telemetry.store.WriteSequence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * Answers from the stores that are on this instance: as the owner of a partition, otherwise from the copy that a standby
 * keeps or that is being taken over. Thread-safe.
 */
final class LocalPartitions {
    private final StreamsView view;
    private final CopyProgress copies;

    LocalPartitions(StreamsView view, CopyProgress copies) {
        this.view = view;
        this.copies = copies;
    }

    /**
     * Answers for one partition.
     *
     * @throws PartitionAway if it cannot be read here now
     */
    <Q extends Record, A extends Record> Part<A> answer(QuestionKind<Q, A> kind, Q question, int partition) {
        KafkaStreams streams = view.streams().filter(started -> started.state().isRunningOrRebalancing())
                .orElseThrow(() -> new PartitionAway("the stream does not run"));
        try {
            return ownersOrCopys(streams, kind, question, partition);
        } catch (InvalidStateStoreException e) {
            throw new PartitionAway("the stores are moving or restoring");
        } catch (StoreUnavailable e) {
            throw new PartitionAway(e.getMessage());
        } catch (IllegalStateException e) { // said by a stream that stops
            throw new PartitionAway("the stream stops");
        }
    }

    private <Q extends Record, A extends Record> Part<A> ownersOrCopys(KafkaStreams streams, QuestionKind<Q, A> kind,
            Q question, int partition) {
        try {
            return new Part<>(kind.scans()
                    ? scanned(streams, kind, question, partition)
                    : kind.answering().apply(question, owned(streams, kind.group(), partition)), Optional.empty());
        } catch (InvalidStateStoreException e) {
            return fromCopy(streams, kind, question, partition);
        }
    }

    private <Q extends Record, A extends Record> A scanned(KafkaStreams streams, QuestionKind<Q, A> kind, Q question,
            int partition) {
        List<Runnable> looks = new ArrayList<>();
        PartitionStores stores = new Owned(streams, kind.group(), partition) {
            @Override
            public <K, V> ReadOnlyKeyValueStore<K, V> open(String store) {
                DirectStore<K, V> direct = new DirectStore<>(
                        () -> itself(streams, store, ReadOnlyKeyValueStore.class, partition));
                looks.add(direct::look);
                return direct;
            }

            @Override
            public Optional<UserTotals> totals() {
                UserTotals totals = itself(streams, Stores.USAGE_TOTALS, UserTotals.class, partition);
                looks.add(() -> itself(streams, Stores.USAGE_TOTALS, UserTotals.class, partition));
                return Optional.of(totals);
            }

            @Override
            public void confirm() {
                looks.forEach(Runnable::run);
            }
        };
        A answer = kind.answering().apply(question, stores);
        stores.confirm();
        return answer;
    }

    private static <S> S itself(KafkaStreams streams, String store, Class<?> kind, int partition) {
        return streams.store(StoreQueryParameters.fromNameAndType(store, new StoreItself<S>(kind))
                .withPartition(partition));
    }

    private <Q extends Record, A extends Record> Part<A> fromCopy(KafkaStreams streams, QuestionKind<Q, A> kind,
            Q question, int partition) {
        Set<String> read = new TreeSet<>();
        read.add(kind.group().store());
        Instant asOf = followed(read, partition); // before it is read: the copy may only be newer
        A answer = kind.answering().apply(question, copied(streams, partition, read));
        Instant all = followed(read, partition);
        return new Part<>(answer, Optional.of(all.isBefore(asOf) ? all : asOf));
    }

    private Instant followed(Set<String> stores, int partition) {
        return stores.stream()
                .map(store -> copies.followedUpTo(store, partition)
                        .orElseThrow(() -> new PartitionAway("the stores are being restored")))
                .min(Comparator.naturalOrder()).orElseThrow();
    }

    private PartitionStores owned(KafkaStreams streams, StoreGroup group, int partition) {
        return new Owned(streams, group, partition) {
            @Override
            public <K, V> ReadOnlyKeyValueStore<K, V> open(String store) {
                return streams.store(LocalPartitions.<K, V>parameters(store, partition));
            }
        };
    }

    private abstract class Owned implements PartitionStores {
        private final KafkaStreams streams;
        private final StoreGroup group;
        private final int partition;

        Owned(KafkaStreams streams, StoreGroup group, int partition) {
            this.streams = streams;
            this.group = group;
            this.partition = partition;
        }

        @Override
        public Optional<WriteSequence> writes() {
            return group.hook()
                    .map(hook -> LocalPartitions.<CommitHook>itself(streams, hook, CommitHook.class, partition)
                            .writes());
        }

        @Override
        public Optional<Instant> ownerAsOf() {
            return view.asOf(group);
        }

        @Override
        public int partition() {
            return partition;
        }
    }

    private static PartitionStores copied(KafkaStreams streams, int partition, Set<String> read) {
        return new PartitionStores() {
            @Override
            public <K, V> ReadOnlyKeyValueStore<K, V> open(String store) {
                read.add(store);
                return streams.store(LocalPartitions.<K, V>parameters(store, partition).enableStaleStores());
            }
        };
    }

    private static <K, V> StoreQueryParameters<ReadOnlyKeyValueStore<K, V>> parameters(String store, int partition) {
        return StoreQueryParameters.fromNameAndType(store, QueryableStoreTypes.<K, V>keyValueStore())
                .withPartition(partition);
    }
}
