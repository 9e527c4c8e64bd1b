package io.turnpike.client;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import io.turnpike.stun.ChannelData;
import io.turnpike.stun.ErrorCode;
import io.turnpike.stun.IntegrityAlgorithm;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.LongTermKey;
import io.turnpike.stun.Malformed;
import io.turnpike.stun.Nonce;
import io.turnpike.stun.PacketKind;
import io.turnpike.stun.PasswordAlgorithms;
import io.turnpike.stun.PasswordHash;
import io.turnpike.stun.Realm;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.XorMappedAddress;
import io.turnpike.stun.XorRelayedAddress;

/** A relay that challenges, checks the signature and echoes data itself: enough of RFC 8656 to test a client against. */
final class ScriptedRelay implements FakeTurnServer.Script {

    static final InetSocketAddress RELAYED = new InetSocketAddress(InetAddress.getLoopbackAddress(), 49152);
    static final InetSocketAddress MAPPED = new InetSocketAddress(InetAddress.getLoopbackAddress(), 50000);

    private final boolean modern;
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final StunFrame frame = new StunFrame();
    private final ChannelData channelData = new ChannelData();
    private final StunMessageBuilder builder = new StunMessageBuilder();
    private volatile int nonceNumber;
    private volatile boolean offersNoList;
    private volatile boolean gone;

    /**
     * @param modern
     *            whether to offer SHA-256 in the way of RFC 8489
     */
    ScriptedRelay(boolean modern) {
        this.modern = modern;
    }

    /** The requests in order, such as {@code "ALLOCATE signed"}. */
    List<String> seen() {
        return seen;
    }

    void makeNonceStale() {
        nonceNumber++;
    }

    /** Announces the list in the nonce and leaves it out, as an attacker in the middle would. */
    void stripList() {
        offersNoList = true;
    }

    @Override
    public void accept(ByteBuf message, Consumer<ByteBuf> reply) {
        if (PacketKind.fromClient(message) == PacketKind.CHANNEL_DATA) {
            channelData.wrap(message);
            ByteBuf echo = Unpooled.buffer();
            ChannelData.write(echo, channelData.channelNumber(),
                    message.slice(channelData.dataIndex(), channelData.dataBytes()), true);
            reply.accept(echo);
            return;
        }
        if (frame.wrap(message) != Malformed.NONE) {
            throw new AssertionError("the client sent a malformed message");
        }
        ByteBuf out = Unpooled.buffer();
        if (frame.method() == StunMethod.SEND) {
            builder.begin(out, StunMethod.DATA, StunClass.INDICATION, frame.transactionId())
                    .addPeer(frame.peerAddress()).addData(message, frame.dataIndex(), frame.dataBytes());
        } else {
            answerRequest(out);
        }
        reply.accept(out);
    }

    private void answerRequest(ByteBuf out) {
        seen.add(frame.method() + (frame.hasIntegrity() ? " signed" : ""));
        if (frame.method() == StunMethod.BINDING) {
            builder.respond(out, frame, StunClass.SUCCESS_RESPONSE).add(new XorMappedAddress(MAPPED));
        } else if (!frame.hasIntegrity()) {
            challenge(out, ErrorCode.UNAUTHENTICATED);
        } else if (!frame.verifies(key(), algorithm())) {
            challenge(out, ErrorCode.UNAUTHENTICATED);
        } else if (!frame.get(Nonce.class).equals(Optional.of(nonce()))) {
            challenge(out, ErrorCode.STALE_NONCE);
        } else {
            answerSigned(out);
        }
    }

    private void answerSigned(ByteBuf out) {
        long seconds = frame.get(Lifetime.class).map(Lifetime::seconds).orElse(600L);
        switch (frame.method()) {
            case ALLOCATE -> builder.respond(out, frame, StunClass.SUCCESS_RESPONSE)
                    .add(new XorRelayedAddress(RELAYED)).add(new XorMappedAddress(MAPPED)).add(new Lifetime(600));
            case REFRESH -> {
                if (gone) {
                    builder.respondError(out, frame, ErrorCode.ALLOCATION_MISMATCH);
                } else {
                    builder.respond(out, frame, StunClass.SUCCESS_RESPONSE).add(new Lifetime(seconds));
                }
                gone |= seconds == 0;
            }
            case CREATE_PERMISSION -> builder.respondError(out, frame, ErrorCode.FORBIDDEN);
            case CHANNEL_BIND -> builder.respond(out, frame, StunClass.SUCCESS_RESPONSE);
            case BINDING, SEND, DATA -> throw new AssertionError("not signed: " + frame.method());
        }
        builder.integrity(key(), algorithm());
    }

    private void challenge(ByteBuf out, ErrorCode error) {
        builder.respondError(out, frame, error).add(new Realm("turnpike")).add(nonce());
        if (modern && !offersNoList) {
            builder.add(PasswordAlgorithms.of(PasswordHash.SHA256, PasswordHash.MD5));
        }
    }

    private Nonce nonce() {
        return new Nonce((modern ? Nonce.prefix(Nonce.PASSWORD_ALGORITHMS_FEATURE) : "") + "nonce" + nonceNumber);
    }

    private LongTermKey key() {
        return LongTermKey.derive(modern ? PasswordHash.SHA256 : PasswordHash.MD5, "demo", "turnpike", "secret");
    }

    private IntegrityAlgorithm algorithm() {
        return modern ? IntegrityAlgorithm.HMAC_SHA256 : IntegrityAlgorithm.HMAC_SHA1;
    }
}
