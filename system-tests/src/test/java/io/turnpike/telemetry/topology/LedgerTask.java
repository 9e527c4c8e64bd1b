package io.turnpike.telemetry.topology;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.Revocation;
import io.turnpike.control.v1.TenantRecord;
import io.turnpike.control.v1.Webhook;
import io.turnpike.telemetry.ledger.ControlHistory;
import io.turnpike.telemetry.ledger.PeriodTotals;
import io.turnpike.telemetry.ledger.QuotaAccount;
import io.turnpike.telemetry.ledger.QuotaStanding;
import io.turnpike.telemetry.ledger.share.Share;
import io.turnpike.telemetry.store.LedgerStores;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.Punctuator;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** The ledger's own task, {@link LedgerProcessor}, on stores that can be rolled back and a clock that can be set. */
public final class LedgerTask {
    private static final TaskId ID = new TaskId(0, 0);
    private static final Map<String, Topic> TOPICS = Map.of(LedgerTopology.TENANT_SINK, Topic.TENANT,
            LedgerTopology.POLICY_SINK, Topic.QUOTA_POLICY, LedgerTopology.GRANT_SINK, Topic.QUOTA_GRANT,
            LedgerTopology.AUDIT_SINK, Topic.QUOTA_AUDIT, LedgerTopology.REVOCATION_SINK, Topic.REVOCATION,
            LedgerTopology.SHARE_SINK, Topic.QUOTA_SHARE);

    /** Where the bytes of the stores are. */
    public interface Disk {
        /** The value, or null. */
        byte[] get(String store, String key);

        /** Writes; null deletes. */
        void put(String store, String key, byte[] value);

        /** A copy of what begins with the prefix, in order. */
        List<Map.Entry<String, byte[]>> scan(String store, String prefix);
    }

    /** A record that the ledger publishes; seen by nobody before its transaction is committed. */
    public record Published(Topic topic, String key, SpecificRecord value) {}

    private final LedgerProcessor processor;
    private final ProcessorContext<String, SpecificRecord> context;
    private final Disk disk;
    private final LongSupplier wallMillis;
    private List<Published> published = new ArrayList<>();
    private Punctuator round;

    /** A task that begins with what the disk holds. */
    public LedgerTask(QuotaPolicy defaultPolicy, ControlHistory history, Disk disk, LongSupplier wallMillis,
            LongSupplier nanoClock) {
        this.disk = disk;
        this.wallMillis = wallMillis;
        processor = new LedgerProcessor(defaultPolicy, history, nanoClock, new EarlyCommit(nanoClock));
        context = proxy(ProcessorContext.class, this::answerOfContext);
        begin();
    }

    /** What Streams does at the start, and again after an aborted transaction. */
    public void begin() {
        published = new ArrayList<>();
        processor.init(context);
    }

    /** Takes a record of an input topic. */
    public void process(String key, byte[] value) {
        RecordCodec.Decoded.Good good = (RecordCodec.Decoded.Good) RecordCodec.decode(value);
        processor.process(new Record<>(key, good.record(), wallMillis.getAsLong()));
    }

    /** Lets the punctuator run. */
    public void tick() {
        round.punctuate(wallMillis.getAsLong());
    }

    /** What was published since the last call. */
    public List<Published> takePublished() {
        List<Published> taken = published;
        published = new ArrayList<>();
        return taken;
    }

    private Object answerOfContext(Object self, Method method, Object[] arguments) {
        return switch (method.getName()) {
            case "getStateStore" -> store((String) arguments[0]);
            case "forward" -> forward((Record<?, ?>) arguments[0], (String) arguments[1]);
            case "schedule" -> {
                round = (Punctuator) arguments[2];
                yield (Cancellable) () -> {};
            }
            case "currentSystemTimeMs" -> wallMillis.getAsLong();
            case "taskId" -> ID;
            case "commit" -> null; // a wish: when a transaction ends is the simulation's to say
            default -> throw new UnsupportedOperationException(method.getName());
        };
    }

    private Object forward(Record<?, ?> record, String sink) {
        published.add(new Published(TOPICS.get(sink), (String) record.key(), (SpecificRecord) record.value()));
        return null;
    }

    private KeyValueStore<String, ?> store(String name) {
        return switch (name) {
            case LedgerStores.TENANTS -> store(name, RecordCodec::encode,
                    bytes -> RecordCodec.decode(bytes, TenantRecord.class));
            case LedgerStores.POLICIES -> store(name, RecordCodec::encode,
                    bytes -> RecordCodec.decode(bytes, QuotaPolicy.class));
            case LedgerStores.REVOCATIONS -> store(name, RecordCodec::encode,
                    bytes -> RecordCodec.decode(bytes, Revocation.class));
            case LedgerStores.WEBHOOKS -> store(name, RecordCodec::encode,
                    bytes -> RecordCodec.decode(bytes, Webhook.class));
            case LedgerStores.AUDITS -> store(name, RecordCodec::encode,
                    bytes -> RecordCodec.decode(bytes, QuotaAudit.class));
            case LedgerStores.QUOTAS -> store(name, QuotaStanding::toBytes, QuotaStanding::fromBytes);
            case LedgerStores.ACCOUNTS -> store(name, QuotaAccount::toBytes, QuotaAccount::fromBytes);
            case LedgerStores.TOTALS -> store(name, PeriodTotals::toBytes, PeriodTotals::fromBytes);
            case LedgerStores.SHARES -> store(name, Share::toBytes, Share::fromBytes);
            case LedgerStores.MARKER -> store(name, text -> text.getBytes(StandardCharsets.UTF_8),
                    bytes -> new String(bytes, StandardCharsets.UTF_8));
            default -> throw new IllegalArgumentException("a store that is not simulated: " + name);
        };
    }

    private <V> KeyValueStore<String, V> store(String name, Function<V, byte[]> writer, Function<byte[], V> reader) {
        return proxy(KeyValueStore.class, (self, method, arguments) -> switch (method.getName()) {
            case "get" -> read(disk.get(name, (String) arguments[0]), reader);
            case "put" -> write(name, (String) arguments[0], arguments[1], writer);
            case "delete" -> write(name, (String) arguments[0], null, writer);
            case "prefixScan" -> found(name, (String) arguments[0], reader);
            case "all" -> found(name, "", reader);
            default -> throw new UnsupportedOperationException(method.getName());
        });
    }

    private static <V> V read(byte[] bytes, Function<byte[], V> reader) {
        return bytes == null ? null : reader.apply(bytes);
    }

    @SuppressWarnings("unchecked") // the store's values have one type
    private <V> Object write(String store, String key, Object value, Function<V, byte[]> writer) {
        disk.put(store, key, value == null ? null : writer.apply((V) value));
        return null;
    }

    @SuppressWarnings("unchecked") // the interface is its own erasure
    private static <T> T proxy(Class<?> type, InvocationHandler answers) {
        return (T) Proxy.newProxyInstance(LedgerTask.class.getClassLoader(), new Class<?>[]{type}, answers);
    }

    private <V> Found<V> found(String store, String prefix, Function<byte[], V> reader) {
        return new Found<>(new ArrayDeque<>(disk.scan(store, prefix)), reader);
    }

    private record Found<V>(Queue<Map.Entry<String, byte[]>> entries, Function<byte[], V> reader)
            implements
                KeyValueIterator<String, V> {
        @Override
        public boolean hasNext() {
            return !entries.isEmpty();
        }

        @Override
        public KeyValue<String, V> next() {
            Map.Entry<String, byte[]> entry = entries.remove();
            return KeyValue.pair(entry.getKey(), reader.apply(entry.getValue()));
        }

        @Override
        public String peekNextKey() {
            return entries.element().getKey();
        }

        @Override
        public void close() {
            // holds nothing
        }
    }
}
