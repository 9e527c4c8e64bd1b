package io.turnpike.telemetry.topology;

import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.CommitHook;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.v1.AuditedEpoch;
import io.turnpike.telemetry.store.v1.AuditedHour;
import io.turnpike.telemetry.store.v1.CountedHour;
import io.turnpike.telemetry.store.v1.EventCount;
import io.turnpike.telemetry.store.v1.NodeCounts;
import io.turnpike.telemetry.store.v1.UsageDelta;
import java.time.Duration;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Holds what nodes say they have sent against what has arrived, by node, epoch and hour: the two sides of the claim that
 * an hour is complete. It decides nothing; readers do, since they see all nodes. What has arrived comes added up with the
 * node's usage, and so costs no record of its own. Confined to its stream thread.
 */
final class CompletenessAuditor implements Processor<String, SpecificRecord, Void, Void> {
    /** So many hours a node remembers: a heartbeat with as many says nothing of the hours before. */
    static final int REMEMBERED_HOURS = 48;
    private static final Duration SWEEP_REST = Duration.ofHours(1);
    /** Longer than anything is added to an hour, so that what is kept of it in the heap cannot bring it back. */
    private static final Duration HOUR_RETENTION = Stores.AUDIT_RETENTION.plus(Bucket.HOUR.length());
    private static final Duration AHEAD = Duration.ofDays(1);

    private final TelemetryMetrics metrics;
    private final Rounds rounds = new Rounds();
    private ProcessorContext<Void, Void> context;
    private CommitHook hook;
    private KeyValueStore<byte[], AuditedEpoch> epochs;
    private KeyValueStore<byte[], AuditedHour> hours;
    private RecentRows<Bytes, Row> rows;

    /** An hour as it will be once the transaction is committed. */
    private static final class Row {
        private final byte[] key;
        private final AuditedHour hour;

        Row(byte[] key, AuditedHour hour) {
            this.key = key;
            this.hour = hour;
        }
    }

    CompletenessAuditor(TelemetryMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        this.context = context;
        epochs = context.getStateStore(Stores.AUDIT_EPOCHS);
        hours = context.getStateStore(Stores.AUDIT_HOURS);
        rows = new RecentRows<>();
        hook = context.getStateStore(Stores.AUDIT_COMMIT);
        hook.beforeCommit(context, () -> rows.write(row -> hours.put(row.key, row.hour)));
        rounds.end();
        new ExpirySweep<>(hours, SWEEP_REST,
                (key, hour, now) -> StoreKey.bucketStart(key) < now - HOUR_RETENTION.toMillis(), metrics)
                .schedule(rounds, context);
        new ExpirySweep<>(epochs, SWEEP_REST,
                (key, epoch, now) -> epoch.getHeardAtMillis() < now - Stores.AUDIT_RETENTION.toMillis(), metrics)
                .schedule(rounds, context);
    }

    @Override
    public void close() {
        rounds.end();
        hook.release();
    }

    @Override
    public void process(Record<String, SpecificRecord> record) {
        if (record.value() instanceof UsageDelta delta) {
            String nodeId = StoreKey.nodeOfScope(delta.getScope());
            delta.getEvents().forEach(count -> arrived(nodeId, count));
        } else if (record.value() instanceof NodeCounts counts) {
            said(counts, record.timestamp());
        }
    }

    private void arrived(String nodeId, EventCount count) {
        if (isKept(count.getHourMillis())) {
            Row row = row(nodeId, count.getNodeEpoch(), count.getHourMillis());
            row.hour.setReceived(Math.addExact(row.hour.getReceived(), count.getArrived()));
            row.hour.setDuplicates(Math.addExact(row.hour.getDuplicates(), count.getRepeated()));
            rows.change(row);
        }
    }

    private void said(NodeCounts counts, long recordMillis) {
        byte[] key = StoreKey.epoch(counts.getNodeId(), counts.getNodeEpoch());
        AuditedEpoch before = epochs.get(key);
        if (before != null && isOlder(counts, before)) {
            return;
        }
        epochs.put(key,
                new AuditedEpoch(counts.getNodeSeq(), counts.getStartedAtMillis(), counts.getCountedThroughMillis(),
                        counts.getClosed(), unsaidBefore(counts, before), recordMillis));
        counts.getHours().stream().filter(hour -> isKept(hour.getHourMillis()))
                .forEach(hour -> said(counts, hour));
    }

    private void said(NodeCounts counts, CountedHour said) {
        Row row = row(counts.getNodeId(), counts.getNodeEpoch(), said.getHourMillis());
        if (row.hour.getExpected() != said.getEvents() || row.hour.getGivenUp() != said.getGivenUp()) {
            row.hour.setExpected(said.getEvents());
            row.hour.setGivenUp(said.getGivenUp());
            rows.change(row);
        }
    }

    /** The last word of a process may have the number of the heartbeat that it repeats. */
    private static boolean isOlder(NodeCounts counts, AuditedEpoch known) {
        return counts.getNodeSeq() < known.getNodeSeq()
                || counts.getNodeSeq() == known.getNodeSeq() && known.getClosed() && !counts.getClosed();
    }

    /** Where the node has forgotten hours of which it was not heard since, those and all before are not known. */
    private static long unsaidBefore(NodeCounts counts, AuditedEpoch before) {
        long known = before == null ? 0 : before.getUnsaidBeforeMillis();
        if (counts.getHours().size() < REMEMBERED_HOURS) {
            return known;
        }
        long first = counts.getHours().get(0).getHourMillis();
        long heardThrough = before == null ? counts.getStartedAtMillis() : before.getCountedThroughMillis();
        return heardThrough < first ? first : known;
    }

    private Row row(String nodeId, long epoch, long hourMillis) {
        byte[] key = StoreKey.epochHour(nodeId, epoch, hourMillis);
        Bytes name = Bytes.wrap(key);
        Row row = rows.get(name);
        if (row == null) {
            AuditedHour stored = hours.get(key);
            row = new Row(key, stored == null ? new AuditedHour(0L, 0L, 0L, 0L) : stored);
            rows.put(name, row);
        }
        return row;
    }

    private boolean isKept(long hourMillis) {
        long now = context.currentSystemTimeMs();
        return hourMillis >= now - Stores.AUDIT_RETENTION.toMillis() && hourMillis <= now + AHEAD.toMillis();
    }
}
