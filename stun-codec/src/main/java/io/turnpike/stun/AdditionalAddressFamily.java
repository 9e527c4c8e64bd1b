package io.turnpike.stun;

import java.util.Optional;

import io.netty.buffer.ByteBuf;

/**
 * ADDITIONAL-ADDRESS-FAMILY: asks for a second relayed address, IPv6 beside IPv4 (RFC 8656 section 18.11).
 *
 * @param familyCode
 *            the wire byte, kept even if it is no AddressFamily: the answer to that is 440
 */
public record AdditionalAddressFamily(int familyCode) implements StunAttribute {

    public AdditionalAddressFamily {
        if (familyCode < 0 || familyCode > 0xFF) {
            throw new IllegalArgumentException("an address family has 8 bits, not " + familyCode);
        }
    }

    public AdditionalAddressFamily(AddressFamily family) {
        this(family.code());
    }

    /** The family, empty if the code is none. */
    public Optional<AddressFamily> family() {
        return AddressFamily.ofCode(familyCode);
    }

    static AdditionalAddressFamily decode(ByteBuf buffer, int messageStart, int index, int length) {
        return length == 4 ? new AdditionalAddressFamily(buffer.getUnsignedByte(index)) : null;
    }

    @Override
    public AttributeType type() {
        return AttributeType.ADDITIONAL_ADDRESS_FAMILY;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        out.writeByte(familyCode).writeMedium(0);
    }
}
