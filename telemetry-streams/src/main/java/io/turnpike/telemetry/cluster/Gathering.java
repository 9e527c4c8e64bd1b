package io.turnpike.telemetry.cluster;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * One question on its way over the instances: asks the owner of each partition, then those with a copy if the owner is
 * gone, refuses or keeps silent, and begins again with the newest places until all have answered or time is up. Confined
 * to the thread that asks.
 */
final class Gathering<A> {
    /** An owner that is silent for this long may be dead: its copies are asked too, and the first answer counts. */
    static final Duration PATIENCE = Duration.ofMillis(600);
    private static final Duration PAUSE = Duration.ofMillis(50);

    /** Asks an instance about partitions, with the time that is left. */
    @FunctionalInterface
    interface Asking<A> {
        CompletableFuture<Found<A>> ask(Instance instance, List<Integer> partitions, Duration budget);
    }

    private record Reply<A>(Instance instance, List<Integer> partitions, Found<A> found, Throwable failure) {}

    /** A partition that has not answered yet. */
    private static final class Open {
        private final Deque<Instance> untried = new ArrayDeque<>();
        private final Set<Instance> silent = new HashSet<>();
        private long nextNanos;
        private String reason = "no instance has it";
    }

    private final Supplier<Map<Integer, List<Instance>>> places;
    private final Asking<A> asking;
    private final Map<Integer, Open> open = new TreeMap<>();
    private final Map<Integer, Part<A>> parts = new TreeMap<>();
    private final BlockingQueue<Reply<A>> replies = new LinkedBlockingQueue<>();

    /** @param places who can answer, the best one first, by partition */
    Gathering(Set<Integer> partitions, Supplier<Map<Integer, List<Instance>>> places, Asking<A> asking) {
        this.places = places;
        this.asking = asking;
        long now = System.nanoTime();
        partitions.forEach(partition -> {
            Open fresh = new Open();
            fresh.nextNanos = now;
            open.put(partition, fresh);
        });
    }

    /** Gathers until every partition has answered, or the deadline; the answers so far, by partition. */
    Map<Integer, Part<A>> within(Duration deadline) throws InterruptedException {
        long end = System.nanoTime() + deadline.toNanos();
        while (!open.isEmpty()) {
            long now = System.nanoTime();
            if (now >= end) {
                break;
            }
            ask(now, end);
            Reply<A> reply = replies.poll(Math.max(1, Math.min(end, nextAsking(end)) - System.nanoTime()),
                    TimeUnit.NANOSECONDS);
            for (; reply != null; reply = replies.poll()) {
                take(reply);
            }
        }
        return parts;
    }

    /** Why a partition did not answer, for people. */
    String reason() {
        return open.values().stream().map(each -> each.reason).findFirst().orElse("");
    }

    private void ask(long now, long end) {
        Map<Integer, List<Instance>> known = null;
        Map<Instance, List<Integer>> next = new HashMap<>();
        for (Map.Entry<Integer, Open> each : open.entrySet()) {
            Open partition = each.getValue();
            if (now - partition.nextNanos < 0) {
                continue;
            }
            if (partition.untried.isEmpty()) {
                known = known == null ? places.get() : known;
                known.getOrDefault(each.getKey(), List.of()).stream()
                        .filter(place -> !partition.silent.contains(place)).forEach(partition.untried::add);
            }
            Instance instance = partition.untried.poll();
            if (instance == null) {
                partition.nextNanos = now + PAUSE.toNanos();
            } else {
                partition.silent.add(instance);
                partition.nextNanos = now + PATIENCE.toNanos();
                next.computeIfAbsent(instance, key -> new ArrayList<>()).add(each.getKey());
            }
        }
        next.forEach((instance, partitions) -> asking.ask(instance, partitions, Duration.ofNanos(end - now))
                .whenComplete(
                        (found, failure) -> replies.add(new Reply<>(instance, partitions, found, cause(failure)))));
    }

    private long nextAsking(long end) {
        return open.values().stream().mapToLong(each -> each.nextNanos).reduce(end, (a, b) -> a - b < 0 ? a : b);
    }

    private void take(Reply<A> reply) {
        if (reply.failure() instanceof RuntimeException bug && !(bug instanceof PartitionAway)) {
            throw bug;
        }
        for (Integer partition : reply.partitions()) {
            Open waiting = open.get(partition);
            if (waiting == null) {
                continue; // somebody else was faster
            }
            Part<A> part = reply.found() == null ? null : reply.found().parts().get(partition);
            if (part != null) {
                parts.put(partition, part);
                open.remove(partition);
            } else {
                waiting.silent.remove(reply.instance());
                waiting.reason = reply.found() == null
                        ? reply.instance() + " does not answer"
                        : reply.found().away().getOrDefault(partition, reply.instance() + " does not have it");
                // The next one at once; once all were asked, a little later with the places of then.
                waiting.nextNanos = System.nanoTime() + (waiting.untried.isEmpty() ? PAUSE.toNanos() : 0);
            }
        }
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
