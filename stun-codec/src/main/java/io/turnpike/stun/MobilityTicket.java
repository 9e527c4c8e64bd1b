package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * MOBILITY-TICKET: lets an allocation follow its client to another address; empty asks for one (RFC 8016 section 3.3).
 *
 * @param ticket
 *            opaque
 */
public record MobilityTicket(Octets ticket) implements StunAttribute {

    static MobilityTicket decode(ByteBuf buffer, int messageStart, int index, int length) {
        return new MobilityTicket(Octets.copyOf(buffer, index, length));
    }

    @Override
    public AttributeType type() {
        return AttributeType.MOBILITY_TICKET;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        ticket.writeTo(out);
    }
}
