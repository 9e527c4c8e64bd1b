package io.turnpike.stun;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Cuts a byte stream into STUN messages and ChannelData (RFC 8656 sections 2.1 and 12.5; RFC 8489 section 6.2.2).
 * Confined to one thread.
 *
 * <p>
 * Usage: {@link #add} what arrived, then call {@link #next} until it answers null, then look at {@link #violation}.
 * Held between calls is at most one frame of {@code maxFrameBytes}, and what was added and not yet taken. Nothing can be
 * resynchronised after a violation: the connection must be closed.
 */
public final class StreamFramer implements AutoCloseable {

    /** The longest frame that the length fields can say: a STUN message of 65552 or ChannelData of 65540 bytes. */
    public static final int MAX_FRAME_BYTES = StunFrame.HEADER_BYTES + 0xFFFC;

    /** Why a stream cannot be cut any further. */
    public enum Violation {
        /** Nothing is wrong. */
        NONE("none"),
        /** A frame begins with a byte that is neither STUN's nor ChannelData's. */
        WRONG_KIND("stream_wrong_kind"),
        /** A STUN message without the magic cookie. */
        NO_MAGIC_COOKIE("stream_no_magic_cookie"),
        /** A STUN length that is no multiple of four. */
        LENGTH_NOT_ALIGNED("stream_length_not_aligned"),
        /** A frame longer than the limit. */
        FRAME_TOO_LONG("stream_frame_too_long");

        private final String label;

        Violation(String label) {
            this.label = label;
        }

        /** The reason as a metric label. */
        public String label() {
            return label;
        }
    }

    private static final int LENGTH_FIELD_END = 4;
    private static final int COOKIE_END = 8;
    private static final int MAX_SLACK_BYTES = 512;

    private final ByteBufAllocator allocator;
    private int maxFrameBytes;
    private ByteBuf held;
    private Violation violation = Violation.NONE;

    /**
     * @param allocator
     *            for frames that arrive in pieces
     * @param maxFrameBytes
     *            longest frame accepted, padding included; 20 to {@link #MAX_FRAME_BYTES}
     */
    public StreamFramer(ByteBufAllocator allocator, int maxFrameBytes) {
        this.allocator = allocator;
        limit(maxFrameBytes);
    }

    /** Changes the longest frame accepted from now on; same range as above. */
    public final void limit(int frameBytes) {
        if (frameBytes < StunFrame.HEADER_BYTES || frameBytes > MAX_FRAME_BYTES) {
            throw new IllegalArgumentException("maxFrameBytes is 20 to " + MAX_FRAME_BYTES + ", not " + frameBytes);
        }
        maxFrameBytes = frameBytes;
    }

    /** Takes over the bytes and the reference; after a violation they are dropped. */
    public void add(ByteBuf bytes) {
        if (violation != Violation.NONE || !bytes.isReadable()) {
            bytes.release();
        } else if (held == null) {
            held = bytes;
        } else {
            append(bytes);
        }
    }

    /** The next whole frame, padding included, which the caller releases; null if there is none. */
    public ByteBuf next() {
        if (held == null || violation != Violation.NONE) {
            return null;
        }
        int frameBytes = frameBytes();
        if (violation != Violation.NONE) {
            close();
            return null;
        }
        if (frameBytes == 0 || frameBytes > held.readableBytes()) {
            fit();
            return null;
        }
        if (frameBytes == held.readableBytes()) {
            return remainder();
        }
        return held.readRetainedSlice(frameBytes);
    }

    /** What made the stream unreadable, {@link Violation#NONE} while it is fine. */
    public Violation violation() {
        return violation;
    }

    /** Hands over what is left uncut, for a connection that turns raw (RFC 6062 section 5.4); null if nothing is. */
    public ByteBuf remainder() {
        ByteBuf rest = held;
        held = null;
        return rest;
    }

    /** Releases what is held. */
    @Override
    public void close() {
        if (held != null) {
            held.release();
            held = null;
        }
    }

    /** Length of the frame at the reader index, 0 if too little is there to tell; notes violations. */
    private int frameBytes() {
        int at = held.readerIndex();
        PacketKind kind = PacketKind.ofClientByte(held.getByte(at));
        if (kind != PacketKind.STUN && kind != PacketKind.CHANNEL_DATA) {
            violation = Violation.WRONG_KIND;
            return 0;
        }
        if (held.readableBytes() < LENGTH_FIELD_END) {
            return 0;
        }
        int length = held.getUnsignedShort(at + 2);
        return limited(kind == PacketKind.STUN ? stunBytes(at, length) : ChannelData.wireBytes(length, true));
    }

    private int stunBytes(int at, int length) {
        if (length % 4 != 0) {
            violation = Violation.LENGTH_NOT_ALIGNED;
        } else if (held.readableBytes() >= COOKIE_END
                && held.getInt(at + StunFrame.COOKIE_OFFSET) != StunFrame.MAGIC_COOKIE) {
            violation = Violation.NO_MAGIC_COOKIE;
        }
        return StunFrame.HEADER_BYTES + length;
    }

    private int limited(int frameBytes) {
        if (frameBytes > maxFrameBytes && violation == Violation.NONE) {
            violation = Violation.FRAME_TOO_LONG;
        }
        return frameBytes;
    }

    /** A piece of a frame must not keep the whole buffer that it was read into. */
    private void fit() {
        if (held.capacity() > MAX_SLACK_BYTES && held.capacity() > 4 * held.readableBytes()) {
            ByteBuf exact = allocator.buffer(held.readableBytes());
            exact.writeBytes(held);
            held.release();
            held = exact;
        }
    }

    private void append(ByteBuf bytes) {
        int total = held.readableBytes() + bytes.readableBytes();
        if (held.refCnt() > 1 || held.isReadOnly() || held.writableBytes() < bytes.readableBytes()) {
            ByteBuf larger = allocator.buffer(Math.max(total, Math.min(maxFrameBytes, total * 2)));
            larger.writeBytes(held);
            held.release();
            held = larger;
        }
        held.writeBytes(bytes);
        bytes.release();
    }
}
