package io.turnpike.node.turn;

import io.turnpike.stun.AttributeType;
import io.turnpike.stun.ErrorCodeAttribute;
import io.turnpike.stun.ErrorCode;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.UnknownAttributes;
import io.turnpike.stun.XorMappedAddress;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Binding: tells a client its address, without authentication (RFC 8489 section 12). The answer carries nothing else, so
 * that a spoofed request is worth little to a reflection attack.
 */
final class BindingHandler {
    /** What a Binding request may carry without being refused; credentials are not asked for and not looked at. */
    private static final Set<AttributeType> UNDERSTOOD = EnumSet.of(AttributeType.USERNAME, AttributeType.USERHASH,
            AttributeType.REALM, AttributeType.NONCE, AttributeType.PASSWORD_ALGORITHM, AttributeType.MESSAGE_INTEGRITY,
            AttributeType.MESSAGE_INTEGRITY_SHA256);

    void handle(StunFrame request, Reply reply) {
        UnknownAttributes unknown = request.unknownRequired(UNDERSTOOD);
        if (!unknown.isEmpty()) {
            // RFC 8489 section 6.3.1: 420; without the reason phrase, to keep the answer small.
            reply.error(List.of(new ErrorCodeAttribute(ErrorCode.UNKNOWN_ATTRIBUTE.code(), ""), unknown));
            return;
        }
        reply.success(new XorMappedAddress(reply.leg().fiveTuple().client()));
    }
}
