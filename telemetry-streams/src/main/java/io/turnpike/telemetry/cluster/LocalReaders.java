package io.turnpike.telemetry.cluster;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that read the stores of this instance, for its own callers and for other instances. They never wait for
 * another instance, so that instances that ask each other cannot block each other.
 */
final class LocalReaders implements AutoCloseable {
    private static final int LEAST_THREADS = 4;

    private final LocalPartitions local;
    private final ExecutorService lookups;
    private final ExecutorService scans;

    LocalReaders(LocalPartitions local) {
        this.local = local;
        int cores = Runtime.getRuntime().availableProcessors();
        lookups = threads(Math.max(LEAST_THREADS, 2 * cores), "partition-lookup-");
        scans = threads(cores, "partition-scan-");
    }

    private static ExecutorService threads(int count, String name) {
        AtomicInteger number = new AtomicInteger();
        return Executors.newFixedThreadPool(count, task -> {
            Thread thread = new Thread(task, name + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Answers for partitions, all at once as far as there are threads.
     *
     * @param budget what is not answered after this is left out
     * @return fails with what a question threw that is a bug
     */
    <Q extends Record, A extends Record> CompletableFuture<Found<A>> read(QuestionKind<Q, A> kind, Q question,
            Collection<Integer> partitions, Duration budget) {
        long end = System.nanoTime() + budget.toNanos();
        Map<Integer, CompletableFuture<Part<A>>> reads = new TreeMap<>();
        partitions.forEach(partition -> reads.put(partition,
                CompletableFuture.supplyAsync(() -> read(kind, question, partition, end),
                        kind.scans() ? scans : lookups)));
        return CompletableFuture.allOf(reads.values().toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, budget.toNanos(), TimeUnit.NANOSECONDS)
                .handle((done, failure) -> found(reads));
    }

    private <Q extends Record, A extends Record> Part<A> read(QuestionKind<Q, A> kind, Q question, int partition,
            long end) {
        if (System.nanoTime() >= end) {
            throw new PartitionAway("the instance is overloaded");
        }
        return local.answer(kind, question, partition);
    }

    private static <A> Found<A> found(Map<Integer, CompletableFuture<Part<A>>> reads) {
        Map<Integer, Part<A>> parts = new TreeMap<>();
        Map<Integer, String> away = new TreeMap<>();
        reads.forEach((partition, read) -> {
            if (!read.isDone()) {
                away.put(partition, "it took too long");
                return;
            }
            read.handle((part, failure) -> {
                Throwable cause = failure == null || failure.getCause() == null ? failure : failure.getCause();
                if (part != null) {
                    parts.put(partition, part);
                } else if (cause instanceof PartitionAway reason) {
                    away.put(partition, reason.getMessage());
                } else {
                    throw cause instanceof RuntimeException bug ? bug : new IllegalStateException(cause);
                }
                return null;
            }).join();
        });
        return new Found<>(parts, away);
    }

    @Override
    public void close() {
        lookups.shutdownNow();
        scans.shutdownNow();
    }
}
