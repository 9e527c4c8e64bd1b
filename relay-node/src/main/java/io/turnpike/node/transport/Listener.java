package io.turnpike.node.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** An open listener: one socket, or one for each event loop where the kernel lets them share the port. */
public final class Listener {
    private final ListenerAddress address;
    private final List<Binding> bindings;

    private Listener(ListenerAddress address, List<Binding> bindings) {
        this.address = address;
        this.bindings = bindings;
    }

    /**
     * One open socket of a listener.
     *
     * @param address where it is bound
     * @param close closes it; done when it is closed
     */
    record Binding(InetSocketAddress address, Supplier<CompletableFuture<Void>> close) {
        /** A server channel that is being bound; Netty closes what could not be. */
        static CompletableFuture<Binding> of(ChannelFuture binding) {
            CompletableFuture<Binding> bound = new CompletableFuture<>();
            binding.addListener(done -> {
                if (done.isSuccess()) {
                    Channel channel = binding.channel();
                    bound.complete(new Binding((InetSocketAddress) channel.localAddress(), () -> closed(channel)));
                } else {
                    bound.completeExceptionally(done.cause());
                }
            });
            return bound;
        }

        private static CompletableFuture<Void> closed(Channel channel) {
            CompletableFuture<Void> closed = new CompletableFuture<>();
            channel.close().addListener(done -> closed.complete(null));
            return closed;
        }
    }

    /**
     * Opens the sockets of a listener.
     *
     * @param loops the node's loops
     * @param wanted where to listen
     * @param bind begins to bind one socket on the given loop to the given address
     * @throws ListenerBindException if the port cannot be had; nothing stays open then
     */
    static Listener open(RelayLoops loops, ListenerAddress wanted,
            BiFunction<RelayLoop, InetSocketAddress, CompletableFuture<Binding>> bind) {
        PortProbe.requireFree(wanted);
        List<RelayLoop> homes = loops.engine().sharesPorts() ? loops.all() : loops.all().subList(0, 1);
        List<Binding> bindings = new ArrayList<>();
        InetSocketAddress address = wanted.address();
        for (RelayLoop loop : homes) {
            try {
                Binding bound = bind.apply(loop, address).join();
                bindings.add(bound);
                address = bound.address();
            } catch (CompletionException e) {
                close(bindings);
                throw e.getCause() instanceof ListenerBindException refused
                        ? refused
                        : new ListenerBindException(wanted, e.getCause());
            }
        }
        return new Listener(wanted.boundTo(address), bindings);
    }

    /** Where it listens, with the port that was chosen if 0 was asked for. */
    public ListenerAddress address() {
        return address;
    }

    /** Stops listening; accepted connections stay. */
    public void close() {
        close(bindings);
    }

    private static void close(List<Binding> bindings) {
        for (Binding binding : bindings) {
            binding.close().get().join();
        }
    }
}
