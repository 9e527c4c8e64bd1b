package io.turnpike.quickstart;

import io.turnpike.node.RelayNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The relays of a quickstart, closed side by side: each waits until Kafka has its final figures. */
final class Relays implements AutoCloseable {
    private final List<RelayNode> nodes = new ArrayList<>();

    void add(RelayNode node) {
        nodes.add(node);
    }

    @Override
    public void close() {
        CompletableFuture
                .allOf(nodes.stream()
                        .map(node -> CompletableFuture.runAsync(node::close, task -> new Thread(task).start()))
                        .toArray(CompletableFuture[]::new))
                .join();
    }
}
