package io.turnpike.node;

import io.turnpike.node.allocation.LoopSiblings;
import io.turnpike.node.allocation.MobilityTickets;
import io.turnpike.node.event.EndReason;
import io.turnpike.node.transport.ClientMessages;
import io.turnpike.node.transport.RelayLoop;
import io.turnpike.node.transport.RelayLoops;
import io.turnpike.node.transport.StreamService;
import io.turnpike.node.turn.Drain;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** The pipelines of a node, one for each event loop, with the tick that runs out their deadlines. */
final class NodePipelines implements AutoCloseable {
    private final List<ClientPipeline> pipelines = new ArrayList<>();
    private final StreamService streams;
    private final List<LoopLag> lags = new ArrayList<>();

    NodePipelines(RelayLoops loops, NodeServices services, StreamService streams) {
        this.streams = streams;
        RelayAddresses relay = RelayAddresses.of(services.config().relay());
        LoopSiblings siblings = new LoopSiblings(loops.all().size());
        byte[] ticketKey = MobilityTickets.newKey(new SecureRandom());
        for (RelayLoop loop : loops.all()) {
            ClientPipeline pipeline = ClientPipeline.on(loop, loops, services, relay, siblings.of(loop.index()),
                    ticketKey);
            siblings.join(loop.index(), loop, pipeline.allocations());
            pipelines.add(pipeline);
            LoopLag lag = new LoopLag(services.nanoClock(), ClientPipeline.TICK.toNanos());
            lags.add(lag);
            // One task, so that an idle loop wakes once for each tick.
            loop.every(ClientPipeline.TICK, () -> {
                lag.run();
                endOverdue(pipeline, services.drain());
                pipeline.allocations().advance();
                pipeline.review().tick();
            });
        }
        pipelines.forEach(pipeline -> pipeline.messages().meet(messages()));
    }

    private static void endOverdue(ClientPipeline pipeline, Drain drain) {
        if (drain.isOver()) {
            pipeline.allocations().endLive(EndReason.SHUTDOWN);
        }
    }

    /** Somebody may no longer have what he has: every loop looks at what lives there. */
    void review() {
        pipelines.forEach(pipeline -> pipeline.review().ask());
    }

    List<ClientPipeline> all() {
        return pipelines;
    }

    List<ClientMessages> messages() {
        return pipelines.stream().map(ClientPipeline::messages).toList();
    }

    /** How late the slowest event loop ran since the last call, in seconds. */
    double takeWorstLagSeconds() {
        return lags.stream().mapToDouble(LoopLag::takeWorstSeconds).max().orElse(0);
    }

    StreamService streams() {
        return streams;
    }

    int allocations() {
        return pipelines.stream().mapToInt(pipeline -> pipeline.allocations().size()).sum();
    }

    int guests() {
        return pipelines.stream().mapToInt(pipeline -> pipeline.allocations().guests().size()).sum();
    }

    /** Ends every allocation and hands its final figures over; clients' connections are closed. */
    void endAll() {
        onEach(pipeline -> pipeline.allocations().endAll(EndReason.SHUTDOWN));
        streams.connections().close();
        // What loops have told each other about the last data arrives before the figures are final.
        onEach(pipeline -> {});
        onEach(pipeline -> {});
        onEach(pipeline -> {
            pipeline.allocations().endAll(EndReason.SHUTDOWN);
            pipeline.allocations().finishUnsettled();
        });
    }

    private void onEach(Consumer<ClientPipeline> action) {
        CompletableFuture<?>[] done = pipelines.stream()
                .map(pipeline -> CompletableFuture.runAsync(() -> action.accept(pipeline), pipeline.loop()))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(done).join();
    }

    @Override
    public void close() {
        endAll();
    }
}
