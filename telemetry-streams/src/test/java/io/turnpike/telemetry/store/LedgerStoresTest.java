package io.turnpike.telemetry.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.junit.jupiter.api.Test;

class LedgerStoresTest {
    /** A store in memory finds its keys at once and each value when it is asked for. */
    @Test
    void passesOverWhatTheStreamThreadDeletesMeanwhile() {
        List<String> seen = new ArrayList<>();
        LedgerStores.each(
                new Found(List.of(KeyValue.pair("a", "1"), KeyValue.pair("b", null), KeyValue.pair("c", "3"))), "",
                (key, value) -> seen.add(key + value));
        assertThat(seen).containsExactly("a1", "c3");
    }

    private record Found(List<KeyValue<String, String>> entries) implements ReadOnlyKeyValueStore<String, String> {
        @Override
        public <S extends Serializer<P>, P> KeyValueIterator<String, String> prefixScan(P prefix, S serializer) {
            return new Entries(entries.iterator());
        }

        @Override
        public String get(String key) {
            throw new UnsupportedOperationException();
        }

        @Override
        public KeyValueIterator<String, String> range(String from, String to) {
            throw new UnsupportedOperationException();
        }

        @Override
        public KeyValueIterator<String, String> all() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long approximateNumEntries() {
            return entries.size();
        }
    }

    private record Entries(Iterator<KeyValue<String, String>> entries) implements KeyValueIterator<String, String> {
        @Override
        public boolean hasNext() {
            return entries.hasNext();
        }

        @Override
        public KeyValue<String, String> next() {
            return entries.next();
        }

        @Override
        public String peekNextKey() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            // holds nothing
        }
    }
}
