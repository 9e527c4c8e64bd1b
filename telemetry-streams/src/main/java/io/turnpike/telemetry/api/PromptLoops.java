package io.turnpike.telemetry.api;

import com.linecorp.armeria.common.Flags;
import com.linecorp.armeria.common.util.TransportType;
import com.linecorp.armeria.server.ServerBuilder;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Event loops that end when they are told to. Netty's own wait two seconds for tasks that might still come; the server
 * ends its loops after its last request, so that there is nothing to wait for, and whoever stops the program waits twice.
 */
final class PromptLoops extends MultiThreadIoEventLoopGroup {
    private static final long MOST_SECONDS = 5;

    private PromptLoops(int threads, String name, IoHandlerFactory transport) {
        super(threads, new DefaultThreadFactory(name, true), transport);
    }

    /** Gives the server such loops, for the transport that it will use. */
    static void use(ServerBuilder builder) {
        TransportType transport = Flags.transportType();
        if (transport == TransportType.EPOLL) {
            use(builder, EpollIoHandler.newFactory());
        } else if (transport == TransportType.NIO) {
            use(builder, NioIoHandler.newFactory());
        }
    }

    private static void use(ServerBuilder builder, IoHandlerFactory transport) {
        builder.workerGroup(new PromptLoops(Flags.numCommonWorkers(), "api-loop", transport), true)
                .bossGroupFactory(name -> new PromptLoops(1, "api-accept", transport));
    }

    @Override
    public Future<?> shutdownGracefully() {
        return shutdownGracefully(0, MOST_SECONDS, TimeUnit.SECONDS);
    }
}
