package io.turnpike.telemetry.query;

import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.v1.AuditedEpoch;
import io.turnpike.telemetry.store.v1.AuditedHour;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;

/** What is complete, from the auditor's stores: each node is on one partition, and the rule sees all of them. */
public final class StoredCompleteness implements CompletenessQueries {
    private final Question<Within, Audits> audits;
    private final Clock clock;

    private record Within(long fromMillis, long toMillis) {}

    private record Audits(List<AuditedHours.Epoch> epochs, List<AuditedHours.EpochHour> hours) {}

    /**
     * @param partitions where the auditor's partitions are
     * @param clock tells how long a node has been silent
     */
    public StoredCompleteness(Partitions partitions, Clock clock) {
        audits = partitions.serveScan("completeness", StoreGroup.TENANTS, Within.class, Audits.class,
                StoredCompleteness::audits);
        this.clock = clock;
    }

    @Override
    public Answer<List<AuditedHours.Hour>> hours(TimeRange range) {
        return audits.ofAll(new Within(range.from().toEpochMilli(), range.to().toEpochMilli())).map(parts -> {
            AuditedHours known = new AuditedHours(clock.instant());
            parts.forEach(part -> {
                part.epochs().forEach(known::add);
                part.hours().forEach(known::add);
            });
            return known.in(range);
        });
    }

    private static Audits audits(Within question, PartitionStores stores) {
        return new Audits(epochs(stores), hours(question, stores));
    }

    private static List<AuditedHours.Epoch> epochs(PartitionStores stores) {
        List<AuditedHours.Epoch> epochs = new ArrayList<>();
        try (KeyValueIterator<byte[], AuditedEpoch> all = stores.<byte[], AuditedEpoch>open(Stores.AUDIT_EPOCHS)
                .all()) {
            while (all.hasNext()) {
                KeyValue<byte[], AuditedEpoch> row = all.next();
                AuditedEpoch said = row.value;
                epochs.add(new AuditedHours.Epoch(StoreKey.nodeOf(row.key), StoreKey.epochOf(row.key),
                        said.getStartedAtMillis(), said.getCountedThroughMillis(), said.getClosed(),
                        said.getUnsaidBeforeMillis(), said.getHeardAtMillis()));
            }
        }
        return epochs;
    }

    private static List<AuditedHours.EpochHour> hours(Within question, PartitionStores stores) {
        List<AuditedHours.EpochHour> hours = new ArrayList<>();
        try (KeyValueIterator<byte[], AuditedHour> all = stores.<byte[], AuditedHour>open(Stores.AUDIT_HOURS).all()) {
            while (all.hasNext()) {
                KeyValue<byte[], AuditedHour> row = all.next();
                long start = StoreKey.bucketStart(row.key);
                if (start >= question.fromMillis() && start < question.toMillis()) {
                    hours.add(new AuditedHours.EpochHour(StoreKey.nodeOf(row.key), StoreKey.epochOf(row.key), start,
                            row.value.getExpected(), row.value.getGivenUp(), row.value.getReceived(),
                            row.value.getDuplicates()));
                }
            }
        }
        return hours;
    }
}
