package io.turnpike.benchmarks.quota;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.channel.EventLoopGroup;
import io.turnpike.benchmarks.ClusterApi;
import io.turnpike.benchmarks.quota.QuotaFigures.Measure;
import io.turnpike.client.EchoPeer;
import io.turnpike.client.StunErrorException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * Tenants that use up their quotas at the same time, each over every relay, whose quotas are raised then, and who are
 * suspended while they talk. Driven by one thread; what talks to the API does so on the workers.
 */
final class QuotaRound {
    /** Packets a second of all calls together: what a broker, telemetry and relays on two cores carry without loss. */
    private static final int PACKETS_PER_SECOND = 4_000;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final long LEAST_INTERVAL_NANOS = 5_000_000;
    private static final long SILENCE_NANOS = 1_500_000_000;
    private static final long BOUND_NANOS = TimeUnit.MINUTES.toNanos(3);
    private static final int RAISE = 8;
    /** RFC 8656 section 19: Allocation Quota Reached. */
    private static final int QUOTA_REACHED = 486;
    private static final long POLL_MILLIS = 5;
    private static final long STATUS_POLL_MILLIS = 100;

    /** A tenant in this round. */
    private record Tenant(String id, EchoPeer peer, List<QuotaCall> calls) {
        long forwardedBytes() {
            return peer.receivedPackets() * QuotaCall.CHANNEL_DATA_BYTES
                    + calls.stream().mapToLong(QuotaCall::receivedWireBytes).sum();
        }
    }

    /** What the API is asked, once for each tenant. */
    private interface Task {
        void run(Tenant tenant) throws IOException, InterruptedException;
    }

    private final ClusterApi api;
    private final List<InetSocketAddress> relays;
    private final EventLoopGroup loops;
    private final ExecutorService workers;
    private final QuotaFigures figures;
    private final String label;
    private final long volumeBytes;
    private final List<Tenant> tenants = new ArrayList<>();
    private final List<QuotaCall> calls = new ArrayList<>();

    /**
     * @param label under which figures are kept
     * @param volumeBytes quota of each tenant, in billable bytes
     */
    QuotaRound(ClusterApi api, List<InetSocketAddress> relays, EventLoopGroup loops, ExecutorService workers,
            QuotaFigures figures, String label, long volumeBytes) {
        this.api = api;
        this.relays = relays;
        this.loops = loops;
        this.workers = workers;
        this.figures = figures;
        this.label = label;
        this.volumeBytes = volumeBytes;
    }

    /**
     * Runs it.
     *
     * @throws IOException if a step does not end in bounded time, or a relay forwards more than was allowed
     */
    void run(List<String> ids) throws IOException, InterruptedException {
        try {
            for (String id : ids) {
                tenants.add(new Tenant(id, EchoPeer.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                        new ArrayList<>()));
            }
            forEach(this::introduce);
            forEach(this::arm);
            forEach(this::call);
            tenants.forEach(tenant -> calls.addAll(tenant.calls()));
            sendUntil("all quotas are used up", this::isSilent);
            noteEnds();
            forEach(this::settle);
            raise();
            suspend();
        } finally {
            calls.forEach(QuotaCall::close);
            tenants.forEach(tenant -> tenant.peer().close());
        }
    }

    private void introduce(Tenant tenant) throws IOException, InterruptedException {
        api.putTenant(tenant.id(), QuotaCall.SECRET);
        long answered = System.nanoTime();
        for (InetSocketAddress relay : relays) {
            while (!QuotaCall.isKnown(relay, tenant.id(), loops)) {
                if (System.nanoTime() - answered > BOUND_NANOS) {
                    throw new IOException(tenant.id() + " stays unknown to " + relay);
                }
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
            figures.add(label, Measure.TENANT_KNOWN, millisSince(answered));
        }
    }

    /** From here on no node serves the tenant by an older policy, so that the quota is exact. */
    private void arm(Tenant tenant) throws IOException, InterruptedException {
        api.putHardQuota(tenant.id(), volumeBytes);
        await(tenant, "is not armed", status -> status.get("mode").textValue().equals("HARD")
                && !status.get("arming").booleanValue());
    }

    private void call(Tenant tenant) throws IOException {
        for (InetSocketAddress relay : relays) {
            long asked = System.nanoTime();
            tenant.calls().add(admitted(tenant, relay, asked));
            figures.add(label, Measure.FIRST_ALLOCATE, millisSince(asked));
        }
    }

    /** A grant that comes too late for an Allocate is a 486; the client asks again, as clients do. */
    private QuotaCall admitted(Tenant tenant, InetSocketAddress relay, long askedNanos) throws IOException {
        while (true) {
            try {
                return QuotaCall.start(relay, tenant.id(), QuotaCall.USER, tenant.peer(), loops);
            } catch (CompletionException e) {
                boolean isLate = e.getCause() instanceof StunErrorException error && error.code() == QUOTA_REACHED;
                if (!isLate || System.nanoTime() - askedNanos > BOUND_NANOS) {
                    throw new IOException("no call for " + tenant.id() + " on " + relay, e.getCause());
                }
            }
        }
    }

    /** Sends on all calls in turn, until something is the case. */
    private void sendUntil(String goal, BooleanSupplier reached) throws IOException {
        long interval = Math.max(LEAST_INTERVAL_NANOS, calls.size() * TimeUnit.SECONDS.toNanos(1) / PACKETS_PER_SECOND);
        long begin = System.nanoTime();
        long due = begin;
        do {
            int burst = Math.max(1, (int) (interval * PACKETS_PER_SECOND / TimeUnit.SECONDS.toNanos(1) / calls.size()));
            for (QuotaCall call : calls) {
                for (int i = 0; i < burst; i++) {
                    call.send();
                }
            }
            due += interval;
            LockSupport.parkNanos(due - System.nanoTime());
            if (due - begin > BOUND_NANOS) {
                throw new IOException("in bounded time not reached: " + goal);
            }
        } while (!reached.getAsBoolean());
    }

    private boolean isSilent() {
        long now = System.nanoTime();
        return calls.stream().allMatch(call -> call.heard() && now - call.lastEchoNanos() > SILENCE_NANOS);
    }

    private void noteEnds() throws IOException {
        for (Tenant tenant : tenants) {
            long first = tenant.calls().get(0).lastEchoNanos();
            long least = 0;
            long most = 0;
            for (QuotaCall call : tenant.calls()) {
                least = Math.min(least, call.lastEchoNanos() - first);
                most = Math.max(most, call.lastEchoNanos() - first);
            }
            if (relays.size() > 1) {
                figures.add(label, Measure.END_SPREAD, (most - least) / NANOS_PER_MILLI);
            }
            long over = tenant.forwardedBytes() - volumeBytes;
            figures.add(label, Measure.OVER, Math.max(0, over));
            if (over > 0) {
                throw new IOException(tenant.id() + " was forwarded " + over + " bytes beyond its hard quota");
            }
        }
    }

    /** Waits until the ledger knows all that was forwarded: what is left then is what nobody could use. */
    private void settle(Tenant tenant) throws IOException, InterruptedException {
        JsonNode status = await(tenant, "is not counted to the byte",
                each -> each.get("usedBytes").longValue() >= tenant.forwardedBytes());
        figures.add(label, Measure.UNUSED, 100.0 * (volumeBytes - status.get("usedBytes").longValue()) / volumeBytes);
    }

    /** The driver goes on sending, which is how a relay that forwards again is seen. */
    private void raise() throws IOException, InterruptedException {
        calls.forEach(QuotaCall::forgetEchoes);
        List<Told> raised = tell(tenant -> api.putHardQuota(tenant.id(), RAISE * volumeBytes));
        sendUntil("all calls go on under the raised quotas", () -> calls.stream().allMatch(QuotaCall::heard));
        note(Measure.REVIVED, raised, QuotaCall::firstEchoNanos);
    }

    /** Far from the end of the raised quotas: only the suspension can silence a call. */
    private void suspend() throws IOException, InterruptedException {
        List<Told> suspended = tell(tenant -> api.suspendTenant(tenant.id()));
        sendUntil("all calls of the suspended tenants are over", this::isSilent);
        note(Measure.SUSPENDED, suspended, QuotaCall::lastEchoNanos);
        for (Tenant tenant : tenants) {
            if (tenant.forwardedBytes() > (RAISE - 1) * volumeBytes) {
                throw new IOException(tenant.id() + " was near the end of its quota before it was suspended");
            }
        }
    }

    /** Asks the API for something about each tenant, all at the same time, while the driver goes on. */
    private List<Told> tell(Task task) {
        return tenants.stream().map(tenant -> new Told(tenant, workers.submit(() -> {
            task.run(tenant);
            return System.nanoTime();
        }))).toList();
    }

    private void note(Measure measure, List<Told> told, ToLongFunction<QuotaCall> effectNanos)
            throws IOException, InterruptedException {
        for (Told each : told) {
            long answered = get(each.answeredNanos());
            for (QuotaCall call : each.tenant().calls()) {
                figures.add(label, measure,
                        Math.max(0, effectNanos.applyAsLong(call) - answered) / NANOS_PER_MILLI);
            }
        }
    }

    private record Told(Tenant tenant, Future<Long> answeredNanos) {}

    private JsonNode await(Tenant tenant, String failure, Predicate<JsonNode> wanted)
            throws IOException, InterruptedException {
        long begin = System.nanoTime();
        while (true) {
            JsonNode status = api.status(tenant.id());
            if (wanted.test(status)) {
                return status;
            }
            if (System.nanoTime() - begin > BOUND_NANOS) {
                throw new IOException(tenant.id() + ' ' + failure + ": " + status);
            }
            TimeUnit.MILLISECONDS.sleep(STATUS_POLL_MILLIS);
        }
    }

    private void forEach(Task task) throws IOException, InterruptedException {
        List<Future<Void>> running = new ArrayList<>();
        for (Tenant tenant : tenants) {
            running.add(workers.submit(() -> {
                task.run(tenant);
                return null;
            }));
        }
        for (Future<Void> each : running) {
            get(each);
        }
    }

    private static <T> T get(Future<T> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
        }
    }

    private static double millisSince(long nanos) {
        return (System.nanoTime() - nanos) / NANOS_PER_MILLI;
    }
}
