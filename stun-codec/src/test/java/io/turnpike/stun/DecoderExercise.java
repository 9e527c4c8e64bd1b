package io.turnpike.stun;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;

import io.netty.buffer.ByteBuf;

/**
 * Reads bytes in every way that the codec offers, and checks that none of them moves or changes the buffer. Any exception
 * is a failure.
 */
final class DecoderExercise {

    private static final Set<AttributeType> UNDERSTOOD = EnumSet.of(AttributeType.LIFETIME, AttributeType.USERNAME);
    private static final AttributeType[] TYPES = AttributeType.values();

    private final StunFrame frame = new StunFrame();
    private final ChannelData channelData = new ChannelData();
    private final byte[] address = new byte[16];

    /** Reads the buffer as a packet; indexes and reference count must stay. Says what the STUN frame said. */
    Malformed readPacket(ByteBuf packet) {
        int readerIndex = packet.readerIndex();
        int writerIndex = packet.writerIndex();
        PacketKind.fromClient(packet);
        Malformed stun = frame.wrap(packet);
        if (stun == Malformed.NONE) {
            readFrame(packet);
        }
        if (channelData.wrap(packet) == Malformed.NONE) {
            check(channelData.dataIndex() + channelData.dataBytes() <= writerIndex);
            check(channelData.wireBytes() == writerIndex - readerIndex);
        }
        check(packet.readerIndex() == readerIndex && packet.writerIndex() == writerIndex && packet.refCnt() == 1);
        return stun;
    }

    /** Reads the buffer as a stream in two segments; everything must be released. */
    void readStream(ByteBuf first, ByteBuf second) {
        try (StreamFramer framer = new StreamFramer(first.alloc(), 1500)) {
            for (ByteBuf segment : new ByteBuf[]{first, second}) {
                framer.add(segment);
                for (ByteBuf next = framer.next(); next != null; next = framer.next()) {
                    readLengths(next);
                    next.release();
                }
            }
        }
        check(first.refCnt() == 0 && second.refCnt() == 0);
    }

    private void readLengths(ByteBuf next) {
        boolean stun = PacketKind.fromClient(next) == PacketKind.STUN;
        Malformed malformed = stun ? frame.wrap(next) : channelData.wrap(next);
        check(malformed != Malformed.LENGTH_MISMATCH && malformed != Malformed.TOO_SHORT
                && malformed != Malformed.WRONG_KIND && malformed != Malformed.NO_MAGIC_COOKIE);
    }

    private void readFrame(ByteBuf packet) {
        frame.method().allows(frame.messageClass());
        frame.transactionId();
        boolean illFormed = frame.illFormed().isPresent();
        for (AttributeType type : TYPES) {
            boolean present = frame.has(type);
            boolean readable = present && frame.get(type.valueClass()).isPresent();
            check(present == frame.rawValue(type).isPresent());
            check(readable || !present || illFormed || isIntegrity(type));
        }
        check(frame.unknownRequired(UNDERSTOOD).types().size() <= UnknownAttributes.MAX_REPORTED);
        check(illFormed || frame.peerAddresses().isEmpty() == (frame.peerAddressBytes() == 0));
        check((frame.peerAddress() == null) == (frame.copyPeerAddress(address, 0) == 0));
        check(frame.peerPort() <= 0xFFFF);
        check(frame.peerAddressBytes() == 4 || frame.peerIpv4() == 0);
        check(frame.peerAddressBytes() == 16 || (frame.peerIpv6High() | frame.peerIpv6Low()) == 0);
        check(frame.dataIndex() < 0 || frame.dataIndex() + frame.dataBytes() <= packet.writerIndex());
        frame.fingerprintContradicts();
        for (IntegrityAlgorithm algorithm : IntegrityAlgorithm.values()) {
            check(frame.hasIntegrity() || !frame.verifies(TestMessages.KEY, algorithm));
        }
    }

    private static boolean isIntegrity(AttributeType type) {
        return type == AttributeType.MESSAGE_INTEGRITY || type == AttributeType.MESSAGE_INTEGRITY_SHA256
                || type == AttributeType.FINGERPRINT;
    }

    private static void check(boolean holds) {
        if (!holds) {
            assertThat(holds).isTrue();
        }
    }
}
