package io.turnpike.node;

import io.netty.util.NetUtil;
import io.turnpike.node.event.EventSink;
import io.turnpike.node.event.NodeState;
import io.turnpike.node.event.NodeStatusReported;
import io.turnpike.node.transport.ListenerAddress;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Tells every five seconds that the node lives and what it does, and at the end that it stopped. */
final class NodeHeartbeat implements AutoCloseable {
    private static final long PERIOD_SECONDS = 5;

    private final NodeObservation observation;
    private final NodeListeners listeners;
    private final NodeDrain drain;
    private final EventSink events;
    private final Clock clock;
    private final Instant startedAt;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "relay-heartbeat");
        thread.setDaemon(true);
        return thread;
    });

    NodeHeartbeat(NodeObservation observation, NodeListeners listeners, NodeDrain drain, EventSink events, Clock clock,
            Instant startedAt) {
        this.observation = observation;
        this.listeners = listeners;
        this.drain = drain;
        this.events = events;
        this.clock = clock;
        this.startedAt = startedAt;
        timer.scheduleAtFixedRate(() -> report(drain.isDraining() ? NodeState.DRAINING : NodeState.SERVING), 0,
                PERIOD_SECONDS, TimeUnit.SECONDS);
    }

    private void report(NodeState state) {
        events.offer(new NodeStatusReported(clock.instant(), version(), state, startedAt, addresses(),
                observation.allocations(), observation.droppedPackets(), observation.unauthenticated()));
    }

    private List<String> addresses() {
        return listeners.addresses().stream().map(NodeHeartbeat::url).toList();
    }

    private static String url(ListenerAddress listener) {
        String host = NetUtil.toAddressString(listener.address().getAddress());
        return listener.transport().label() + "://"
                + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + listener.address().getPort();
    }

    private static String version() {
        String version = NodeHeartbeat.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    @Override
    public void close() {
        timer.shutdownNow();
        report(NodeState.STOPPED);
    }
}
