package io.turnpike.telemetry.webhook;

import io.netty.util.NetUtil;
import io.turnpike.contract.AddressBlockText;
import java.util.Arrays;
import java.util.List;

/** A block of addresses of one family, such as {@code 10.0.0.0/8}. */
public final class AddressBlock {
    private final byte[] address;
    private final int prefix;

    private AddressBlock(byte[] address, int prefix) {
        this.address = address;
        this.prefix = prefix;
    }

    /**
     * Reads a block.
     *
     * @throws IllegalArgumentException if the text is none; see {@link AddressBlockText#isBlock}
     */
    public static AddressBlock parse(String text) {
        if (!AddressBlockText.isBlock(text)) {
            throw new IllegalArgumentException("not an address block: " + text);
        }
        int slash = text.indexOf('/');
        byte[] address = NetUtil.createByteArrayFromIpAddressString(slash < 0 ? text : text.substring(0, slash));
        return new AddressBlock(address,
                slash < 0 ? address.length * Byte.SIZE : Integer.parseInt(text.substring(slash + 1)));
    }

    static List<AddressBlock> list(String... texts) {
        return Arrays.stream(texts).map(AddressBlock::parse).toList();
    }

    /** Whether the address, of 4 or 16 bytes, lies in the block. */
    boolean contains(byte[] other) {
        if (other.length != address.length) {
            return false;
        }
        int whole = prefix / Byte.SIZE;
        if (!Arrays.equals(address, 0, whole, other, 0, whole)) {
            return false;
        }
        int rest = prefix % Byte.SIZE;
        return rest == 0 || (address[whole] ^ other[whole]) >> Byte.SIZE - rest == 0;
    }
}
