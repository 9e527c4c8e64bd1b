package io.turnpike.stun;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import io.netty.buffer.ByteBuf;

/**
 * PASSWORD-ALGORITHMS: what the server accepts, best first (RFC 8489 section 14.11).
 *
 * @param algorithms
 *            at least one, in order of preference
 */
public record PasswordAlgorithms(List<PasswordAlgorithm> algorithms) implements StunAttribute {

    public PasswordAlgorithms {
        algorithms = List.copyOf(algorithms);
        if (algorithms.isEmpty()) {
            throw new IllegalArgumentException("PASSWORD-ALGORITHMS needs an entry");
        }
    }

    /** The list of these derivations, without parameters. */
    public static PasswordAlgorithms of(PasswordHash... hashes) {
        return new PasswordAlgorithms(Arrays.stream(hashes).map(PasswordAlgorithm::new).toList());
    }

    static PasswordAlgorithms decode(ByteBuf buffer, int messageStart, int index, int length) {
        List<PasswordAlgorithm> algorithms = new ArrayList<>();
        int position = 0;
        while (position < length) {
            int entryBytes = PasswordAlgorithm.entryBytes(buffer, index + position, length - position);
            if (entryBytes < 0 || entryBytes > 0xFFF0) {
                return null;
            }
            algorithms.add(PasswordAlgorithm.entryAt(buffer, index + position, entryBytes));
            position += StunFrame.padded(entryBytes);
        }
        return algorithms.isEmpty() ? null : new PasswordAlgorithms(algorithms);
    }

    @Override
    public AttributeType type() {
        return AttributeType.PASSWORD_ALGORITHMS;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        for (int i = 0; i < algorithms.size(); i++) {
            if (i > 0) {
                out.writeZero(StunFrame.padded(algorithms.get(i - 1).parameters().length())
                        - algorithms.get(i - 1).parameters().length());
            }
            algorithms.get(i).encode(out, messageStart);
        }
    }
}
