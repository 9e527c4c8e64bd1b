package io.turnpike.system;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.turnpike.stun.ChannelData;
import io.turnpike.stun.ChannelNumber;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.RequestedTransport;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Datagrams that are almost right: each a valid message with a few seeded faults. Equal seeds give equal datagrams. */
final class Mutations {
    private static final int MOST_FAULTS = 4;
    private static final int LONGEST = 1500;

    private final SplittableRandom random;
    private final List<byte[]> valid;

    Mutations(long seed) {
        random = new SplittableRandom(seed);
        InetSocketAddress peer = new InetSocketAddress("127.0.0.1", 9);
        valid = List.of(
                message(StunMethod.BINDING, StunClass.REQUEST, builder -> {}),
                message(StunMethod.BINDING, StunClass.SUCCESS_RESPONSE, builder -> builder.addPeer(peer)),
                message(StunMethod.ALLOCATE, StunClass.REQUEST,
                        builder -> builder.add(new RequestedTransport(RequestedTransport.UDP))),
                message(StunMethod.ALLOCATE, StunClass.REQUEST,
                        builder -> builder.add(new RequestedTransport(RequestedTransport.UDP)).add(new Lifetime(600))
                                .addRaw(0x0006, "demo".getBytes()).addRaw(0x0014, "turnpike".getBytes())
                                .addRaw(0x0015, "0123456789abcdef".getBytes()).addRaw(0x0008, new byte[20])),
                message(StunMethod.REFRESH, StunClass.REQUEST, builder -> builder.add(new Lifetime(0))),
                message(StunMethod.CREATE_PERMISSION, StunClass.REQUEST, builder -> builder.addPeer(peer)),
                message(StunMethod.CHANNEL_BIND, StunClass.REQUEST,
                        builder -> builder.add(new ChannelNumber(0x4001)).addPeer(peer)),
                message(StunMethod.SEND, StunClass.INDICATION,
                        builder -> builder.addPeer(peer).addRaw(0x0013, new byte[77])),
                channelData());
    }

    /** The next datagram. */
    byte[] next() {
        byte[] datagram = valid.get(random.nextInt(valid.size())).clone();
        int faults = 1 + random.nextInt(MOST_FAULTS);
        for (int i = 0; i < faults; i++) {
            datagram = fault(datagram);
        }
        return datagram;
    }

    private byte[] fault(byte[] bytes) {
        return switch (random.nextInt(6)) {
            case 0 -> flip(bytes);
            case 1 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            case 2 -> Arrays.copyOf(bytes, Math.min(LONGEST, bytes.length + random.nextInt(64)));
            case 3 -> overwriteShort(bytes, 2);
            case 4 -> overwriteShort(bytes, random.nextInt(bytes.length + 1));
            default -> splice(bytes);
        };
    }

    private byte[] flip(byte[] bytes) {
        if (bytes.length > 0) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }

    private byte[] overwriteShort(byte[] bytes, int at) {
        if (at + 2 <= bytes.length) {
            int value = random.nextBoolean() ? random.nextInt(0x10000) : random.nextInt(64);
            bytes[at] = (byte) (value >> 8);
            bytes[at + 1] = (byte) value;
        }
        return bytes;
    }

    private byte[] splice(byte[] bytes) {
        byte[] other = valid.get(random.nextInt(valid.size()));
        int head = random.nextInt(bytes.length + 1);
        int tail = random.nextInt(other.length + 1);
        byte[] spliced = Arrays.copyOf(bytes, Math.min(LONGEST, head + other.length - tail));
        System.arraycopy(other, tail, spliced, head, spliced.length - head);
        return spliced;
    }

    private byte[] message(StunMethod method, StunClass messageClass, Consumer<StunMessageBuilder> attributes) {
        ByteBuf out = Unpooled.buffer();
        attributes.accept(new StunMessageBuilder().begin(out, method, messageClass,
                TransactionId.random(random)));
        return ByteBufUtil.getBytes(out);
    }

    private static byte[] channelData() {
        ByteBuf out = Unpooled.buffer();
        ChannelData.write(out, 0x4001, Unpooled.wrappedBuffer(new byte[33]), false);
        return ByteBufUtil.getBytes(out);
    }
}
