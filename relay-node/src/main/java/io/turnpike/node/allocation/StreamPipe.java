package io.turnpike.node.allocation;

import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * One direction of a relayed TCP connection: bytes are debited, then sent, then counted, in their order (RFC 6062 section
 * 4.5). Nothing of a stream can be left out, so where the sink is full or the credit is spent the source is not read:
 * what waits here is one read, or what the kernel still held when its sender finished. Confined to the allocation's event
 * loop.
 */
final class StreamPipe extends Expiring {
    /** How soon a stream without credit asks again. */
    static final Duration CREDIT_RETRY = Duration.ofMillis(200);
    /** How soon a stream asks again that only a rate holds up: at the next tick, since a bucket holds what passes in one. */
    static final Duration NEXT_TICK = Duration.ofMillis(1);

    /** What a direction is debited from and counted as. */
    interface Ledger {
        /** Takes credit for at most this many bytes; what it took, 0 if there is none. */
        int debitUpTo(int bytes);

        /** Whether it was a rate that kept {@link #debitUpTo} from taking all. */
        boolean isPaced();

        /** Notes that debited bytes are on their way to a socket. */
        void sending();

        /** Counts what a socket took and gives back the rest. */
        void settled(int sentBytes, int lostBytes);
    }

    private final Allocation allocation;
    private final Ledger ledger;
    private final ByteStream.Outcome outcome;
    private final Deque<ByteBuf> waiting = new ArrayDeque<>(2);
    private ByteStream source;
    private ByteStream sink;
    private boolean pumping;
    private boolean ended;
    private boolean finished;

    StreamPipe(Allocation allocation, Ledger ledger) {
        this.allocation = allocation;
        this.ledger = ledger;
        this.outcome = ledger::settled;
    }

    /** Both ends stand: relaying begins. */
    void join(ByteStream from, ByteStream to) {
        source = from;
        sink = to;
        pump();
    }

    /** Takes bytes of the source over. */
    void bytes(ByteBuf bytes) {
        waiting.add(bytes);
        pump();
    }

    /** The source sends no more. */
    void ended() {
        ended = true;
        pump();
    }

    boolean isEnded() {
        return ended;
    }

    /** Whether the sink was told the end, after everything. */
    boolean isFinished() {
        return finished;
    }

    /** Sends what can be sent now, and reads on if nothing is left. */
    void pump() {
        if (sink == null || pumping) {
            return;
        }
        pumping = true;
        boolean credit = true;
        while (credit && sink != null && !waiting.isEmpty() && sink.isWritable()) {
            credit = sendFirst();
        }
        pumping = false;
        if (sink == null) {
            return;
        }
        if (waiting.isEmpty() && ended && !finished) {
            finished = true;
            sink.finish();
        }
        source.read(waiting.isEmpty() && sink.isWritable());
    }

    private boolean sendFirst() {
        ByteBuf first = waiting.peek();
        int bytes = first.readableBytes();
        int debited = ledger.debitUpTo(bytes);
        if (debited == 0) {
            allocation.scheduleAfter(this, ledger.isPaced() ? NEXT_TICK : CREDIT_RETRY);
            return false;
        }
        ByteBuf piece = debited == bytes ? waiting.poll() : first.readRetainedSlice(debited);
        ledger.sending();
        sink.send(piece, outcome);
        return true;
    }

    /** Ends without a word to either side; what waits is thrown away. True if anything was. */
    boolean close() {
        boolean lost = !waiting.isEmpty();
        allocation.cancel(this);
        waiting.forEach(ByteBuf::release);
        waiting.clear();
        sink = null;
        return lost;
    }

    @Override
    protected void expired(long nowNanos) {
        pump();
    }
}
