package io.turnpike.client;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;

import io.turnpike.stun.StunFrame;
import io.turnpike.stun.TransactionId;

/**
 * The requests under way: sends each, again over UDP until it is answered, and gives up in the end (RFC 8489 sections
 * 6.2.1 and 6.2.2). Confined to the client's event loop.
 */
final class Transactions {

    /** Rc: how often a request is sent. */
    static final int SENDS = 7;
    /** Rm: after the last send, wait this many times the first interval. */
    static final int LAST_WAIT_FACTOR = 16;
    /** Ti over the first interval: a request on a stream waits as long as one over UDP, 39.5 s with the default 500 ms. */
    static final int STREAM_WAIT_FACTOR = (1 << SENDS - 1) - 1 + LAST_WAIT_FACTOR;

    private final EventLoop loop;
    private final Consumer<ByteBuf> wire;
    private final boolean stream;
    private final long rtoNanos;
    private final Map<TransactionId, Pending> pending = new HashMap<>();
    private Throwable closed;

    Transactions(EventLoop loop, Consumer<ByteBuf> wire, boolean stream, Duration rto) {
        this.loop = loop;
        this.wire = wire;
        this.stream = stream;
        this.rtoNanos = rto.toNanos();
    }

    /**
     * Sends a request.
     *
     * @param acceptable
     *            which responses may be believed; others are as if they had not come (RFC 8489 section 9.2.5)
     */
    CompletableFuture<StunAnswer> start(TransactionId id, byte[] request, Predicate<StunFrame> acceptable) {
        Pending transaction = new Pending(id, request, acceptable);
        if (closed != null) {
            transaction.answer.completeExceptionally(closed);
        } else if (pending.putIfAbsent(id, transaction) != null) {
            transaction.answer.completeExceptionally(new IllegalArgumentException("transaction " + id + " is running"));
        } else {
            transaction.send();
        }
        return transaction.answer;
    }

    /** Gives a response to its request; false if there is none that wants it. */
    boolean complete(StunFrame response, ByteBuf message) {
        Pending transaction = pending.get(response.transactionId());
        if (transaction == null || !transaction.acceptable.test(response)) {
            return false;
        }
        pending.remove(transaction.id);
        transaction.timer.cancel(false);
        transaction.answer.complete(new StunAnswer(message));
        return true;
    }

    /** Fails all that is under way, and all that may still be asked for. */
    void close(Throwable cause) {
        if (closed == null) {
            closed = cause;
        }
        Map<TransactionId, Pending> orphans = new HashMap<>(pending);
        pending.clear();
        for (Pending transaction : orphans.values()) {
            transaction.timer.cancel(false);
            transaction.answer.completeExceptionally(cause);
        }
    }

    private final class Pending {
        private final TransactionId id;
        private final byte[] request;
        private final Predicate<StunFrame> acceptable;
        private final CompletableFuture<StunAnswer> answer = new CompletableFuture<>();
        private int sends;
        private Future<?> timer;

        private Pending(TransactionId id, byte[] request, Predicate<StunFrame> acceptable) {
            this.id = id;
            this.request = request;
            this.acceptable = acceptable;
        }

        private void send() {
            boolean last = stream || sends == SENDS - 1;
            long wait = stream
                    ? rtoNanos * STREAM_WAIT_FACTOR
                    : last ? rtoNanos * LAST_WAIT_FACTOR : rtoNanos << sends;
            sends++;
            timer = loop.schedule(last ? this::giveUp : this::send, wait, TimeUnit.NANOSECONDS);
            wire.accept(Unpooled.wrappedBuffer(request));
        }

        private void giveUp() {
            pending.remove(id);
            answer.completeExceptionally(
                    new StunTimeoutException(
                            "no acceptable answer to transaction " + id + " after " + sends + " sends"));
        }
    }
}
