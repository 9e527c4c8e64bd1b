package io.turnpike.telemetry.store;

import java.util.Objects;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.internals.InternalProcessorContext;
import org.apache.kafka.streams.processor.internals.ProcessorNode;
import org.apache.kafka.streams.processor.internals.ProcessorRecordContext;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;

/**
 * Lets a step do something as the last thing before its task commits, so that it can add up in the heap what one
 * transaction brings and write or send each sum once. It is what Kafka Streams' own caches hang on: a store without
 * content, whose cache is written out before the producer is flushed and the offsets are committed, in the same
 * transaction. Only this class knows that Kafka Streams has no public way to it
 * (docs/decisions/0033-sums-of-a-commit.md). Confined to the stream thread.
 */
public final class CommitHook extends UnloggedStore implements CachedStateStore<Void, Void> {
    private final WriteSequence writes = new WriteSequence();
    private InternalProcessorContext<?, ?> context;
    private ProcessorNode<?, ?, ?, ?> step;
    private Runnable work;

    private CommitHook(String name) {
        super(name);
    }

    /** Builds a hook; one step owns it. It keeps nothing, so that it has no changelog. */
    public static StoreBuilder<CommitHook> builder(String name) {
        return new UnloggedBuilder<>(name, CommitHook::new);
    }

    /**
     * Says what to do before each commit; called by the step that owns it while it is initialised.
     *
     * @param context of the step
     * @param work may forward, and write to the step's stores
     */
    public void beforeCommit(ProcessorContext<?, ?> context, Runnable work) {
        this.context = context instanceof InternalProcessorContext<?, ?> known ? known : null;
        this.step = this.context == null ? null : this.context.currentNode();
        this.work = work;
    }

    /** The sequence of the step's writes; for those who read its stores meanwhile. */
    public WriteSequence writes() {
        return writes;
    }

    /** Forgets what to do: the step is closed, and what it did not commit is not committed. */
    public void release() {
        work = null;
    }

    @Override
    public void flushCache() {
        if (work == null) {
            return;
        }
        Objects.requireNonNull(step, "this Kafka Streams does not say which step it runs: sums would be lost");
        ProcessorNode<?, ?, ?, ?> currentStep = context.currentNode();
        ProcessorRecordContext currentRecord = context.recordContext();
        // Of no record: the one that was processed last is not to blame for what fails here.
        context.setRecordContext(new ProcessorRecordContext(context.currentSystemTimeMs(), -1, -1, null,
                new RecordHeaders()));
        context.setCurrentNode(step);
        try {
            work.run();
        } finally {
            context.setCurrentNode(currentStep);
            context.setRecordContext(currentRecord);
        }
    }

    @Override
    public void close() {
        release();
        super.close();
    }

    @Override
    public boolean setFlushListener(CacheFlushListener<Void, Void> listener, boolean sendOldValues) {
        return false;
    }

    @Override
    public void clearCache() {}
}
