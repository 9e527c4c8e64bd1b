package io.turnpike.node.turn;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.turnpike.node.allocation.ClientLeg;
import io.turnpike.stun.ErrorCode;
import io.turnpike.stun.ErrorCodeAttribute;
import io.turnpike.stun.IntegrityAlgorithm;
import io.turnpike.stun.IntegrityKey;
import io.turnpike.stun.StunAttribute;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import io.turnpike.stun.AttributeType;
import java.util.List;
import java.util.Optional;

/**
 * The answer to one request, sent now or, where the quota ledger is asked first, a little later. It outlives the
 * request's buffer.
 */
final class Reply {
    /** Room for any answer that a handler gives; the buffer grows if it must. */
    private static final int INITIAL_BYTES = 256;

    private final Desk desk;
    private final ClientLeg leg;
    private final StunMethod method;
    private final TransactionId transactionId;
    private final boolean fingerprint;
    private final Optional<Signature> signature;

    /** What an authenticated answer is signed with: the same algorithm as the request (RFC 8489 section 9.2.4). */
    record Signature(IntegrityKey key, IntegrityAlgorithm algorithm) {}

    /** Where one event loop writes its answers, one after the other. Confined to the loop. */
    static final class Desk {
        private final ByteBufAllocator buffers;
        private final StunMessageBuilder builder = new StunMessageBuilder();

        Desk(ByteBufAllocator buffers) {
            this.buffers = buffers;
        }
    }

    private Reply(Desk desk, ClientLeg leg, StunMethod method, TransactionId transactionId,
            boolean fingerprint, Optional<Signature> signature) {
        this.desk = desk;
        this.leg = leg;
        this.method = method;
        this.transactionId = transactionId;
        this.fingerprint = fingerprint;
        this.signature = signature;
    }

    /** An unsigned answer to a request; with FINGERPRINT if the request has one (RFC 8489 section 7). */
    static Reply to(StunFrame request, ClientLeg leg, Desk desk) {
        return new Reply(desk, leg, request.method(), request.transactionId(),
                request.has(AttributeType.FINGERPRINT),
                Optional.empty());
    }

    /** The same answer, signed: every answer after authentication is (RFC 8489 section 9.2.4). */
    Reply signed(Signature with) {
        return new Reply(desk, leg, method, transactionId, fingerprint, Optional.of(with));
    }

    /** The same answer by another way. */
    Reply through(ClientLeg other) {
        return new Reply(desk, other, method, transactionId, fingerprint, signature);
    }

    /** The same answer for code on another loop, which writes it while this one goes on writing at its desk. */
    Reply fromAnotherLoop(ClientLeg other) {
        return new Reply(new Desk(desk.buffers), other, method, transactionId, fingerprint, signature);
    }

    ClientLeg leg() {
        return leg;
    }

    TransactionId transactionId() {
        return transactionId;
    }

    void success(StunAttribute... attributes) {
        send(StunClass.SUCCESS_RESPONSE, List.of(attributes));
    }

    void success(List<StunAttribute> attributes) {
        send(StunClass.SUCCESS_RESPONSE, attributes);
    }

    void error(ErrorCode error) {
        send(StunClass.ERROR_RESPONSE, List.of(new ErrorCodeAttribute(error)));
    }

    /** An error whose attributes, ERROR-CODE among them, are given whole. */
    void error(List<StunAttribute> attributes) {
        send(StunClass.ERROR_RESPONSE, attributes);
    }

    private void send(StunClass messageClass, List<StunAttribute> attributes) {
        ByteBuf message = desk.buffers.buffer(INITIAL_BYTES);
        StunMessageBuilder builder = desk.builder.begin(message, method, messageClass, transactionId);
        for (int i = 0; i < attributes.size(); i++) {
            builder.add(attributes.get(i));
        }
        if (signature.isPresent()) {
            builder.integrity(signature.get().key, signature.get().algorithm);
        }
        if (fingerprint) {
            builder.fingerprint();
        }
        leg.sendControl(message);
    }
}
