package io.turnpike.benchmarks;

import java.net.InetSocketAddress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

import io.turnpike.stun.ChannelData;
import io.turnpike.stun.IntegrityAlgorithm;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.LongTermKey;
import io.turnpike.stun.Nonce;
import io.turnpike.stun.Realm;
import io.turnpike.stun.RequestedTransport;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import io.turnpike.stun.Username;

/** The packets that the benchmarks read, in direct buffers as a socket fills them, without leak detection. */
final class Packets {

    static final LongTermKey KEY = LongTermKey.md5("demo", "turnpike", "demo");

    private static final int PAYLOAD_BYTES = 1100;
    private static final TransactionId ID = new TransactionId(1, 2);
    private static final UnpooledByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(true, true);

    private Packets() {}

    static ByteBuf empty() {
        return ALLOCATOR.directBuffer(2048);
    }

    /** An Allocate as a client sends it after the challenge. */
    static ByteBuf signedAllocate(IntegrityAlgorithm algorithm) {
        ByteBuf out = empty();
        new StunMessageBuilder().begin(out, StunMethod.ALLOCATE, StunClass.REQUEST, ID)
                .add(new RequestedTransport(RequestedTransport.UDP)).add(new Lifetime(600)).add(new Username("demo"))
                .add(new Realm("turnpike")).add(new Nonce("obMatJos2gAAA0123456789abcdef0123456789abcdef"))
                .integrity(KEY, algorithm).fingerprint();
        return out;
    }

    /** What is in a video packet. */
    static ByteBuf payload() {
        return ALLOCATOR.directBuffer(PAYLOAD_BYTES).writeZero(PAYLOAD_BYTES);
    }

    /** A Send indication of a video packet. */
    static ByteBuf sendIndication(InetSocketAddress peer) {
        ByteBuf out = empty();
        ByteBuf payload = payload();
        new StunMessageBuilder().begin(out, StunMethod.SEND, StunClass.INDICATION, ID).addPeer(peer).addData(payload);
        payload.release();
        return out;
    }

    /** ChannelData of a video packet. */
    static ByteBuf channelData() {
        ByteBuf out = empty();
        ByteBuf payload = payload();
        ChannelData.write(out, 0x4000, payload, false);
        payload.release();
        return out;
    }
}
