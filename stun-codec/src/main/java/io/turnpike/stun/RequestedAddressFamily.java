package io.turnpike.stun;

import java.util.Optional;

import io.netty.buffer.ByteBuf;

/**
 * REQUESTED-ADDRESS-FAMILY: the family of the relayed address (RFC 8656 section 18.6).
 *
 * @param familyCode
 *            the wire byte, kept even if it is no AddressFamily: the answer to that is 440
 */
public record RequestedAddressFamily(int familyCode) implements StunAttribute {

    public RequestedAddressFamily {
        if (familyCode < 0 || familyCode > 0xFF) {
            throw new IllegalArgumentException("an address family has 8 bits, not " + familyCode);
        }
    }

    public RequestedAddressFamily(AddressFamily family) {
        this(family.code());
    }

    /** The family, empty if the code is none. */
    public Optional<AddressFamily> family() {
        return AddressFamily.ofCode(familyCode);
    }

    static RequestedAddressFamily decode(ByteBuf buffer, int messageStart, int index, int length) {
        return length == 4 ? new RequestedAddressFamily(buffer.getUnsignedByte(index)) : null;
    }

    @Override
    public AttributeType type() {
        return AttributeType.REQUESTED_ADDRESS_FAMILY;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        out.writeByte(familyCode).writeMedium(0);
    }
}
