package io.turnpike.benchmarks.quota;

import io.netty.channel.EventLoopGroup;
import io.turnpike.benchmarks.ClusterApi;
import io.turnpike.client.EchoPeer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A tenant without a quota who keeps a cluster busy beside those that are measured: calls of many users on every relay that
 * carry data, some of which end all the time, and others begin. So the relays forward and report, and the
 * telemetry application adds up and writes. Driven by a thread of its own.
 */
final class QuotaLoad implements AutoCloseable {
    /** Calls that live at a time. */
    static final int CALLS = 200;
    /** Packets of all of them together, each echoed. */
    static final int PACKETS_PER_SECOND = 2_000;
    /** Calls that end and begin. */
    static final int CHANGES_PER_SECOND = 20;

    private static final String TENANT = "load";
    private static final long TICK_MILLIS = 10;
    private static final int TICKS_PER_SECOND = (int) (1_000 / TICK_MILLIS);
    private static final long BOUND_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final List<InetSocketAddress> relays;
    private final EventLoopGroup loops;
    private final EchoPeer peer;
    private final Deque<QuotaCall> calls = new ArrayDeque<>();
    private final ScheduledExecutorService driver = Executors.newSingleThreadScheduledExecutor();
    private long begun;
    private int tick;
    private volatile Exception failure;

    private QuotaLoad(List<InetSocketAddress> relays, EventLoopGroup loops) {
        this.relays = relays;
        this.loops = loops;
        peer = EchoPeer.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    /** Starts it; returns when all its calls live. */
    static QuotaLoad start(ClusterApi api, List<InetSocketAddress> relays, EventLoopGroup loops)
            throws IOException, InterruptedException {
        QuotaLoad load = new QuotaLoad(relays, loops);
        try {
            api.putTenant(TENANT, QuotaCall.SECRET);
            load.awaitTenant();
            while (load.calls.size() < CALLS) {
                load.begin();
            }
        } catch (IOException | InterruptedException | CompletionException e) {
            load.close();
            throw e;
        }
        load.driver.scheduleAtFixedRate(load::run, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
        return load;
    }

    private void awaitTenant() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        for (InetSocketAddress relay : relays) {
            while (!QuotaCall.isKnown(relay, TENANT, loops)) {
                if (System.nanoTime() - begin > BOUND_NANOS) {
                    throw new IOException(TENANT + " stays unknown to " + relay);
                }
                TimeUnit.MILLISECONDS.sleep(TICK_MILLIS);
            }
        }
    }

    private void begin() {
        InetSocketAddress relay = relays.get((int) (begun % relays.size()));
        calls.addLast(QuotaCall.start(relay, TENANT, "user-" + begun, peer, loops));
        begun++;
    }

    private void run() {
        try {
            tick++;
            if (tick % (TICKS_PER_SECOND / CHANGES_PER_SECOND) == 0) {
                calls.removeFirst().close();
                begin();
            }
            for (int i = 0; i < PACKETS_PER_SECOND / TICKS_PER_SECOND; i++) {
                QuotaCall call = calls.removeFirst();
                call.send();
                calls.addLast(call);
            }
        } catch (RuntimeException e) {
            failure = e;
            throw e; // ends the schedule
        }
    }

    /**
     * What was measured beside a load that broke down means nothing.
     *
     * @throws IOException if it did
     */
    void check() throws IOException {
        if (failure != null) {
            throw new IOException("the load broke down: " + failure.getMessage(), failure);
        }
    }

    @Override
    public void close() {
        driver.shutdownNow();
        try {
            driver.awaitTermination(BOUND_NANOS, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        calls.forEach(QuotaCall::close);
        peer.close();
    }
}
