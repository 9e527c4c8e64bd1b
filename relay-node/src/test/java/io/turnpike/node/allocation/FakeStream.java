package io.turnpike.node.allocation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;

/** One end of a TCP connection without a socket: keeps what was sent, and can be told to hold it back or to break. */
public final class FakeStream implements ByteStream {
    private final Receiver receiver;
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final Deque<Runnable> held = new ArrayDeque<>();
    private boolean holding;
    private boolean full;
    private boolean reading;
    private boolean finished;
    private boolean aborted;
    private boolean open = true;

    public FakeStream(Receiver receiver) {
        this.receiver = receiver;
    }

    /** The connection stands. */
    public void opens() {
        receiver.opened(this);
    }

    /** The other end sends bytes; they come only while the stream is read. */
    public void receive(byte[] bytes) {
        receiver.bytes(Unpooled.wrappedBuffer(bytes));
    }

    /** The other end sends no more. */
    public void ends() {
        receiver.ended();
    }

    /** The other end is gone. */
    public void breaks() {
        if (open) {
            open = false;
            receiver.closed();
        }
    }

    /** What was sent to the other end. */
    public byte[] sent() {
        return sent.toByteArray();
    }

    public boolean isReading() {
        return reading;
    }

    public boolean isFinished() {
        return finished;
    }

    public boolean isAborted() {
        return aborted;
    }

    public boolean isOpen() {
        return open;
    }

    /** From now on, what is sent waits in the socket's queue. */
    public void hold() {
        holding = true;
    }

    public void fill(boolean isFull) {
        full = isFull;
        if (!isFull) {
            receiver.writableAgain();
        }
    }

    /** The socket takes the first bytes of what it holds and loses the rest, as when the connection breaks. */
    public void takeOnly(int bytes) {
        lost = bytes;
        breakHeld();
    }

    private int lost;

    private void breakHeld() {
        while (!held.isEmpty()) {
            held.poll().run();
        }
    }

    @Override
    public boolean isWritable() {
        return !full;
    }

    @Override
    public void send(ByteBuf bytes, Outcome outcome) {
        byte[] content = ByteBufUtil.getBytes(bytes);
        bytes.release();
        if (!holding) {
            sent.writeBytes(content);
            outcome.settled(content.length, 0);
            return;
        }
        held.add(() -> {
            int taken = Math.min(lost, content.length);
            lost -= taken;
            sent.write(content, 0, taken);
            outcome.settled(taken, content.length - taken);
        });
    }

    @Override
    public void read(boolean wanted) {
        reading = wanted;
    }

    @Override
    public void finish() {
        finished = true;
    }

    @Override
    public void close() {
        breakHeld();
        breaks();
    }

    @Override
    public void abort() {
        aborted = true;
        close();
    }
}
