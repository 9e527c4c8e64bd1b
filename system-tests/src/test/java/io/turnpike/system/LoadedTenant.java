package io.turnpike.system;

import io.turnpike.client.ClientTransport;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * One tenant's calls, at most one through each relay and each at full speed on a thread of its own, until so much was
 * forwarded of all of them. Confined to the test's thread.
 */
final class LoadedTenant {
    private static final int PAYLOAD = 1000;
    private static final int BURST = 16;
    private static final int SILENT_BURSTS = 25;
    private static final Duration ECHO = Duration.ofMillis(20);
    private static final long PAUSE_NANOS = 1_000_000;

    private final TurnpikeCluster cluster;
    private final String id;
    private final String secret;
    private final List<MeasuredCall> calls = new CopyOnWriteArrayList<>();
    private final Map<Integer, Flow> flows = new ConcurrentHashMap<>();
    private volatile long mostBytes;

    /** A tenant that the cluster knows. */
    LoadedTenant(TurnpikeCluster cluster, String id, String secret) {
        this.cluster = cluster;
        this.id = id;
        this.secret = secret;
    }

    String id() {
        return id;
    }

    /** Begins the call through a relay, however often the client has to ask. */
    void call(int relay) {
        if (!tryCall(relay)) {
            begin(relay, MeasuredCall.admitted(cluster, relay, ClientTransport.UDP, id, user(relay), secret));
        }
    }

    /** Begins the call through a relay if its quota admits it at the first request. */
    boolean tryCall(int relay) {
        try {
            begin(relay, MeasuredCall.start(cluster, relay, ClientTransport.UDP, id, user(relay), secret));
            return true;
        } catch (CompletionException e) {
            if (Tenants.errorCode(e) == Tenants.QUOTA_REACHED) {
                return false;
            }
            throw e;
        }
    }

    private static String user(int relay) {
        return "user-" + relay;
    }

    private void begin(int relay, MeasuredCall call) {
        calls.add(call);
        flows.put(relay, new Flow(call));
    }

    /** The relay is gone, and the call with it. */
    void abandon(int relay) throws InterruptedException {
        flows.remove(relay).end();
    }

    /** Lets calls send until so many billable bytes were forwarded since the first call, and a few bursts more. */
    void sendUpTo(long bytes) {
        mostBytes = bytes;
    }

    /** Ends the sending; returns when no more is on its way. */
    void rest() {
        mostBytes = 0;
        flows.values().forEach(Flow::awaitRest);
    }

    /** Billable bytes that reached the ends of all calls, those included that are over. */
    long forwardedBytes() {
        return calls.stream().mapToLong(call -> call.billableBytes(PAYLOAD)).sum();
    }

    /** The same without what went through relays that are gone. */
    long forwardedByTheLiving() {
        return flows.values().stream().mapToLong(flow -> flow.call.billableBytes(PAYLOAD)).sum();
    }

    /** Whether there is a call through a relay. */
    boolean hasCall(int relay) {
        return flows.containsKey(relay);
    }

    /** Billable bytes of the call that goes through a relay now. */
    long forwardedBytes(int relay) {
        return flows.get(relay).call.billableBytes(PAYLOAD);
    }

    /** Whether there is no call through a relay, or one that sends while nothing has come back for a while. */
    boolean hasNothing(int relay) {
        Flow flow = flows.get(relay);
        return flow == null || flow.silentBursts >= SILENT_BURSTS;
    }

    /** Ends all calls. */
    void end() throws InterruptedException {
        for (Flow flow : flows.values()) {
            flow.end();
        }
    }

    /** The sender of one call. */
    private final class Flow {
        private final MeasuredCall call;
        private final Thread thread = new Thread(this::run, "flow-of-" + id);
        private volatile boolean ending;
        private volatile boolean resting;
        private volatile int silentBursts;
        private volatile RuntimeException failure;

        Flow(MeasuredCall call) {
            this.call = call;
            thread.setDaemon(true);
            thread.start();
        }

        private void run() {
            try {
                while (!ending) {
                    resting = false;
                    if (forwardedBytes() < mostBytes) {
                        int echoed = call.burst(silentBursts == 0 ? BURST : 1, PAYLOAD, ECHO);
                        silentBursts = echoed > 0 ? 0 : silentBursts + 1;
                    } else {
                        resting = true;
                        LockSupport.parkNanos(PAUSE_NANOS);
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                failure = e;
            }
        }

        void awaitRest() {
            while (thread.isAlive() && !resting) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            if (failure != null) {
                throw failure;
            }
        }

        void end() throws InterruptedException {
            ending = true;
            thread.join();
            call.close();
        }
    }
}
