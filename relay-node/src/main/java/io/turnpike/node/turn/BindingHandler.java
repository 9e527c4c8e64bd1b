package io.turnpike.node.turn;

import io.turnpike.node.allocation.ClientLeg;
import io.turnpike.node.allocation.OtherSockets;
import io.turnpike.stun.AttributeType;
import io.turnpike.stun.ChangeRequest;
import io.turnpike.stun.ErrorCode;
import io.turnpike.stun.ErrorCodeAttribute;
import io.turnpike.stun.MappedAddress;
import io.turnpike.stun.OtherAddress;
import io.turnpike.stun.Padding;
import io.turnpike.stun.ResponseOrigin;
import io.turnpike.stun.ResponsePort;
import io.turnpike.stun.StunAttribute;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.UnknownAttributes;
import io.turnpike.stun.XorMappedAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Binding: tells a client its address, without authentication (RFC 8489 section 12), and where the listener has other
 * sockets, lets it find out how its NAT behaves (RFC 5780 section 6). The answer carries nothing that was not asked for,
 * so that a spoofed request is worth little to a reflection attack (docs/decisions/0017).
 */
final class BindingHandler {
    /** What a Binding request may carry without being refused; credentials are not asked for and not looked at. */
    private static final Set<AttributeType> UNDERSTOOD = EnumSet.of(AttributeType.USERNAME, AttributeType.USERHASH,
            AttributeType.REALM, AttributeType.NONCE, AttributeType.PASSWORD_ALGORITHM, AttributeType.MESSAGE_INTEGRITY,
            AttributeType.MESSAGE_INTEGRITY_SHA256);
    private static final Set<AttributeType> OF_DISCOVERY = EnumSet.of(AttributeType.CHANGE_REQUEST,
            AttributeType.RESPONSE_PORT, AttributeType.PADDING);
    private static final Set<AttributeType> UNDERSTOOD_WITH_DISCOVERY = union(UNDERSTOOD, OF_DISCOVERY);

    private static final ChangeRequest NO_CHANGE = new ChangeRequest(false, false);
    /** Ports below are services, which no client asks from. */
    private static final int LEAST_RESPONSE_PORT = 1024;
    /** A request with a CHANGE-REQUEST: from there on, one more address keeps the answer within 4.6 times the request. */
    private static final int LEAST_BYTES_FOR_MAPPED = 28;
    /** RFC 5780 section 7.6: the MTU, so that a message that is padded with it must be fragmented. */
    private static final int MOST_PADDING_BYTES = 1500;

    void handle(StunFrame request, Reply reply) {
        // RFC 5780 section 6.1: without a second address and port, and over TCP, its attributes are unknown.
        Optional<OtherSockets> others = reply.leg().otherSockets();
        UnknownAttributes unknown = request
                .unknownRequired(others.isPresent() ? UNDERSTOOD_WITH_DISCOVERY : UNDERSTOOD);
        if (!unknown.isEmpty()) {
            // RFC 8489 section 6.3.1: 420; without the reason phrase, to keep the answer small.
            reply.error(List.of(new ErrorCodeAttribute(ErrorCode.UNKNOWN_ATTRIBUTE.code(), ""), unknown));
        } else if (others.isEmpty()) {
            reply.success(new XorMappedAddress(reply.leg().fiveTuple().client()));
        } else if (isDiscoverable(request)) {
            discover(request, reply, others.get());
        } else {
            reply.error(List.of(new ErrorCodeAttribute(ErrorCode.BAD_REQUEST.code(), "")));
        }
    }

    private static boolean isDiscoverable(StunFrame request) {
        Optional<ResponsePort> port = request.get(ResponsePort.class);
        return request.illFormed().isEmpty()
                // RFC 5780 section 6.1: 400 for both.
                && !(port.isPresent() && request.has(AttributeType.PADDING))
                && port.map(ResponsePort::port).orElse(LEAST_RESPONSE_PORT) >= LEAST_RESPONSE_PORT;
    }

    private static void discover(StunFrame request, Reply reply, OtherSockets others) {
        InetSocketAddress client = reply.leg().fiveTuple().client();
        ChangeRequest change = request.get(ChangeRequest.class).orElse(NO_CHANGE);
        // RFC 5780 section 6.1: RESPONSE-PORT names another port of the source, never another host.
        InetSocketAddress destination = request.get(ResponsePort.class)
                .map(port -> new InetSocketAddress(client.getAddress(), port.port())).orElse(client);
        ClientLeg way = others.answering(change.address(), change.port(), destination);
        List<StunAttribute> attributes = new ArrayList<>(5);
        attributes.add(new XorMappedAddress(client));
        if (request.messageBytes() >= LEAST_BYTES_FOR_MAPPED) {
            // RFC 5780 section 6.1 wants it always; a bare request is the reflector's, and gets the smaller answer.
            attributes.add(new MappedAddress(client));
        }
        attributes.add(new ResponseOrigin(way.fiveTuple().server()));
        attributes.add(new OtherAddress(others.otherAddress()));
        // RFC 5780 section 6.1: padding for padding; never more than was sent.
        request.get(Padding.class)
                .ifPresent(padding -> attributes.add(new Padding(Math.min(padding.bytes(), MOST_PADDING_BYTES) & ~3)));
        reply.through(way).success(attributes);
    }

    private static Set<AttributeType> union(Set<AttributeType> some, Set<AttributeType> more) {
        EnumSet<AttributeType> all = EnumSet.copyOf(some);
        all.addAll(more);
        return all;
    }
}
