package io.turnpike.node.transport;

import io.netty.channel.Channel;
import io.netty.channel.DefaultChannelProgressivePromise;
import io.turnpike.node.allocation.ByteStream;

/**
 * Tells how much of a write the kernel took, also if the connection broke in the middle of it: a stream's figures are
 * exact to the byte. It is the promise that Netty needs for the write anyway.
 */
final class SendPromise extends DefaultChannelProgressivePromise {
    private final int totalBytes;
    private final ByteStream.Outcome outcome;
    private int sentBytes;

    SendPromise(Channel channel, int totalBytes, ByteStream.Outcome outcome) {
        super(channel);
        this.totalBytes = totalBytes;
        this.outcome = outcome;
    }

    @Override
    public boolean tryProgress(long progress, long total) {
        sentBytes = (int) progress;
        return super.tryProgress(progress, total);
    }

    @Override
    public boolean trySuccess(Void result) {
        boolean first = super.trySuccess(result);
        if (first) {
            outcome.settled(totalBytes, 0);
        }
        return first;
    }

    @Override
    public boolean tryFailure(Throwable cause) {
        boolean first = super.tryFailure(cause);
        if (first) {
            outcome.settled(sentBytes, totalBytes - sentBytes);
        }
        return first;
    }
}
