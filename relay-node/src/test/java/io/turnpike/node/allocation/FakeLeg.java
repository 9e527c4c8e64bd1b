package io.turnpike.node.allocation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.turnpike.node.usage.DropReason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** A client's leg without a socket: keeps what was sent, and can be told to refuse or to hold it back. */
public final class FakeLeg implements ClientLeg {
    private final FiveTuple fiveTuple;
    private final boolean stream;
    private final Deque<byte[]> control = new ArrayDeque<>();
    private final List<byte[]> data = new ArrayList<>();
    private final Deque<Runnable> held = new ArrayDeque<>();
    private DropReason refusal;
    private boolean holding;
    private boolean paused;
    private boolean closed;
    private OtherSockets others;
    private boolean heldBack;
    private FakeStream raw;
    private int rawLoop;

    public FakeLeg(FiveTuple fiveTuple, boolean stream) {
        this.fiveTuple = fiveTuple;
        this.stream = stream;
    }

    @Override
    public FiveTuple fiveTuple() {
        return fiveTuple;
    }

    @Override
    public boolean isStream() {
        return stream;
    }

    @Override
    public Optional<OtherSockets> otherSockets() {
        return Optional.ofNullable(others);
    }

    /** Its listener has other sockets from now on. */
    public void serveDiscovery(OtherSockets sockets) {
        others = sockets;
    }

    @Override
    public void sendControl(ByteBuf message) {
        control.add(ByteBufUtil.getBytes(message));
        message.release();
    }

    @Override
    public void sendData(ByteBuf head, ByteBuf payload, int padding, Delivery delivery) {
        int payloadBytes = payload.readableBytes();
        ByteBuf message = ClientLeg.joined(head, payload, padding);
        byte[] bytes = ByteBufUtil.getBytes(message);
        message.release();
        if (refusal != null) {
            delivery.refused(bytes.length, payloadBytes, refusal);
            return;
        }
        data.add(bytes);
        if (holding) {
            held.add(() -> delivery.delivered(bytes.length, payloadBytes));
        } else {
            delivery.delivered(bytes.length, payloadBytes);
        }
    }

    @Override
    public void pauseReading() {
        paused = true;
    }

    @Override
    public void resumeReading() {
        paused = false;
    }

    @Override
    public void holdBack() {
        heldBack = true;
    }

    @Override
    public void readOn() {
        heldBack = false;
    }

    @Override
    public void becomeStream(int loop, ByteStream.Receiver receiver) {
        rawLoop = loop;
        raw = new FakeStream(receiver);
        raw.opens();
    }

    /** The loop that the raw stream was sent to. */
    public int rawLoop() {
        return rawLoop;
    }

    /** Whether the connection waits for the outcome of a ConnectionBind. */
    public boolean isHeldBack() {
        return heldBack;
    }

    /** The raw stream that this leg became, or null. */
    public FakeStream raw() {
        return raw;
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        closed = true;
    }

    public boolean isClosed() {
        return closed;
    }

    /** The oldest control message that was not looked at yet, or null. */
    public byte[] nextControl() {
        return control.poll();
    }

    /** Relayed data so far. */
    public List<byte[]> data() {
        return data;
    }

    public boolean isPaused() {
        return paused;
    }

    public void refuse(DropReason reason) {
        refusal = reason;
    }

    /** From now on, data waits in the leg's queue. */
    public void hold() {
        holding = true;
    }

    /** The queue drains. */
    public void drain() {
        holding = false;
        while (!held.isEmpty()) {
            held.poll().run();
        }
    }
}
