package io.turnpike.node.transport;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The node's event loops: one for each core by default. */
public final class RelayLoops implements AutoCloseable {
    private static final long QUIET_MILLIS = 0;
    private static final long CLOSE_SECONDS = 5;
    private static final int ECN_BITS = 2;

    private final SocketEngine engine;
    private final int trafficClass;
    private final EventLoopGroup group;
    private final List<RelayLoop> loops = new ArrayList<>();

    /**
     * Starts the loops.
     *
     * @param engine how sockets are driven
     * @param count number of loops, at least 1
     * @param name prefix of the thread names
     * @param dscp differentiated services code point of the datagrams that its sockets send, 0 to 63
     */
    public RelayLoops(SocketEngine engine, int count, String name, int dscp) {
        this.engine = engine;
        trafficClass = dscp << ECN_BITS;
        group = new MultiThreadIoEventLoopGroup(count, new DefaultThreadFactory(name), engine.ioHandlers());
        for (EventExecutor executor : group) {
            loops.add(new RelayLoop(loops.size(), (EventLoop) executor, loops));
        }
    }

    /** How the loops drive sockets. */
    public SocketEngine engine() {
        return engine;
    }

    /** The IP header's traffic class of datagrams: the code point, and no ECN, which the relay cannot answer for. */
    public int trafficClass() {
        return trafficClass;
    }

    /** All loops, by index. */
    public List<RelayLoop> all() {
        return List.copyOf(loops);
    }

    /** Number of loops for the key {@code event-loops}: 0 means one for each core. */
    public static int count(int configured) {
        return configured == 0 ? Runtime.getRuntime().availableProcessors() : configured;
    }

    EventLoopGroup group() {
        return group;
    }

    RelayLoop of(EventLoop eventLoop) {
        for (RelayLoop loop : loops) {
            if (loop.eventLoop() == eventLoop) {
                return loop;
            }
        }
        throw new IllegalArgumentException("not a loop of this node");
    }

    @Override
    public void close() {
        group.shutdownGracefully(QUIET_MILLIS, CLOSE_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly(CLOSE_SECONDS,
                TimeUnit.SECONDS);
    }
}
