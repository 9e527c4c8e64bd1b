package io.turnpike.node.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;

/** Writes to one channel from one event loop, flushing once per turn of the loop. Confined to that loop. */
final class Outlet implements RelayLoop.Flushed {
    private final RelayLoop loop;
    private final Channel channel;
    private boolean waitsForFlush;

    Outlet(RelayLoop loop, Channel channel) {
        this.loop = loop;
        this.channel = channel;
    }

    RelayLoop loop() {
        return loop;
    }

    Channel channel() {
        return channel;
    }

    /** Whether nothing that was written waits. */
    boolean isDrained() {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        return waiting == null || waiting.isEmpty();
    }

    /** Whether a write would leave now. A queue that is full only because nobody flushed it is flushed first. */
    boolean isWritable() {
        if (!channel.isWritable()) {
            flush();
        }
        return channel.isWritable();
    }

    void write(Object message, ChannelPromise promise) {
        channel.write(message, promise);
        if (!waitsForFlush) {
            waitsForFlush = true;
            loop.flushLater(this);
        }
    }

    @Override
    public void flush() {
        waitsForFlush = false;
        channel.flush();
    }
}
