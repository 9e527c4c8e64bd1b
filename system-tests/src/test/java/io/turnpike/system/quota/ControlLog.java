package io.turnpike.system.quota;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;

/** The committed control topics of one partition, in one order; compaction takes away what a newer record replaced. */
final class ControlLog {
    /** A record; its value is kept as bytes and decoded by whoever reads it. */
    record Entry(Topic topic, String key, byte[] value, SpecificRecord record) {}

    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, Integer> newest = new TreeMap<>();

    void append(Topic topic, String key, SpecificRecord record) {
        newest.put(id(topic, key), entries.size());
        entries.add(new Entry(topic, key, RecordCodec.encode(record), record));
    }

    int size() {
        return entries.size();
    }

    /** The record at an offset, or null if compaction has taken it. */
    Entry at(int offset) {
        return entries.get(offset);
    }

    /** The newest record of a key, or null. */
    Entry newest(Topic topic, String key) {
        Integer offset = newest.get(id(topic, key));
        return offset == null ? null : entries.get(offset);
    }

    /** The newest records of a topic. */
    <R extends SpecificRecord> List<R> newest(Topic topic, Class<R> type) {
        return newest.values().stream().map(entries::get).filter(entry -> entry.topic == topic)
                .map(entry -> RecordCodec.decode(entry.value, type)).toList();
    }

    /** Takes away what is replaced below the offset. */
    void compact(int below) {
        for (int offset = 0; offset < below; offset++) {
            Entry entry = entries.get(offset);
            if (entry != null && newest.get(id(entry.topic, entry.key)) != offset) {
                entries.set(offset, null);
            }
        }
    }

    /** An unclean election: the newest grants were never there. Offsets stay, so that readers go on. */
    int loseGrants(int most) {
        int lost = 0;
        for (int offset = entries.size() - 1; offset >= 0 && lost < most; offset--) {
            Entry entry = entries.get(offset);
            if (entry != null && entry.topic == Topic.QUOTA_GRANT) {
                entries.set(offset, null);
                lost++;
            }
        }
        newest.clear();
        for (int offset = 0; offset < entries.size(); offset++) {
            Entry entry = entries.get(offset);
            if (entry != null) {
                newest.put(id(entry.topic, entry.key), offset);
            }
        }
        return lost;
    }

    Stream<Entry> grants() {
        return newest.values().stream().map(entries::get).filter(entry -> entry.topic == Topic.QUOTA_GRANT);
    }

    private static String id(Topic topic, String key) {
        return topic.name() + '|' + key;
    }
}
