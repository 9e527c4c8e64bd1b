package io.turnpike.node;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.turnpike.stun.AttributeType;
import io.turnpike.stun.ChannelData;
import io.turnpike.stun.ChannelNumber;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.Nonce;
import io.turnpike.stun.Realm;
import io.turnpike.stun.RequestedTransport;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import io.turnpike.stun.Username;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Random;

/** Messages of every kind, and seeded damage to them. */
final class HostileBytes {
    private static final TransactionId ID = new TransactionId(1, 2);
    private static final StunMessageBuilder BUILDER = new StunMessageBuilder();

    private HostileBytes() {}

    static byte[][] seeds(InetSocketAddress peer) {
        ByteBuf binding = Unpooled.buffer();
        BUILDER.begin(binding, StunMethod.BINDING, StunClass.REQUEST, ID).fingerprint();
        ByteBuf allocate = Unpooled.buffer();
        BUILDER.begin(allocate, StunMethod.ALLOCATE, StunClass.REQUEST, ID).add(new RequestedTransport(17))
                .add(new Lifetime(600)).add(new Username("al")).add(new Realm("turnpike"))
                .add(new Nonce("obMatJos2AAAA"))
                .addRaw(AttributeType.MESSAGE_INTEGRITY.code(), new byte[20]);
        ByteBuf send = Unpooled.buffer();
        BUILDER.begin(send, StunMethod.SEND, StunClass.INDICATION, ID).addPeer(peer)
                .addData(Unpooled.wrappedBuffer(new byte[33]));
        ByteBuf bind = Unpooled.buffer();
        BUILDER.begin(bind, StunMethod.CHANNEL_BIND, StunClass.REQUEST, ID).add(new ChannelNumber(0x4000))
                .addPeer(peer);
        ByteBuf data = Unpooled.buffer();
        ChannelData.write(data, 0x4000, Unpooled.wrappedBuffer(new byte[17]), true);
        return new byte[][]{ByteBufUtil.getBytes(binding), ByteBufUtil.getBytes(allocate), ByteBufUtil.getBytes(send),
            ByteBufUtil.getBytes(bind), ByteBufUtil.getBytes(data)};
    }

    static byte[] mutate(byte[] seed, Random random) {
        byte[] bytes = seed.clone();
        switch (random.nextInt(4)) {
            case 0 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 8));
            case 1 -> bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            case 2 -> {
                for (int i = random.nextInt(8); i >= 0; i--) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
            default -> {
                bytes[2] = (byte) random.nextInt();
                bytes[3] = (byte) random.nextInt();
            }
        }
        return bytes;
    }
}
