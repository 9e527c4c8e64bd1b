package io.turnpike.stun;

import java.util.ArrayList;
import java.util.List;

import io.netty.buffer.ByteBuf;

/**
 * UNKNOWN-ATTRIBUTES: the comprehension-required types that a 420 is about (RFC 8489 section 14.13).
 *
 * @param types
 *            16-bit attribute numbers
 */
public record UnknownAttributes(List<Integer> types) implements StunAttribute {

    /** No answer names more than this: a hostile list must not be echoed at length. */
    static final int MAX_REPORTED = 16;
    /** No unknown attribute. */
    static final UnknownAttributes NONE = new UnknownAttributes(List.of());

    public UnknownAttributes {
        types = List.copyOf(types);
        if (types.size() > 0x7FFF || types.stream().anyMatch(type -> type < 0 || type > 0xFFFF)) {
            throw new IllegalArgumentException("attribute types have 16 bits each: " + types);
        }
    }

    /** Whether nothing was unknown. */
    public boolean isEmpty() {
        return types.isEmpty();
    }

    static UnknownAttributes decode(ByteBuf buffer, int messageStart, int index, int length) {
        if (length % Short.BYTES != 0) {
            return null;
        }
        List<Integer> types = new ArrayList<>(length / Short.BYTES);
        for (int at = index; at < index + length; at += Short.BYTES) {
            types.add(buffer.getUnsignedShort(at));
        }
        return new UnknownAttributes(types);
    }

    @Override
    public AttributeType type() {
        return AttributeType.UNKNOWN_ATTRIBUTES;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        types.forEach(out::writeShort);
    }
}
