package io.turnpike.telemetry.ledger;

import io.netty.util.NetUtil;
import java.math.BigInteger;

/** The text of an address block as the relays read it: {@code 10.0.0.0/8}, {@code fc00::/7}, or a single address. */
public final class AddressBlockText {
    /** Most blocks of one list: a relay holds every packet against each. */
    public static final int MOST = 64;
    /** The rule, for messages. */
    public static final String RULE = "must be at most " + MOST
            + " address blocks such as 10.0.0.0/8 or fc00::/7, IPv4-mapped ones written as IPv4";

    private static final int MAPPED_MARK = 0xFFFF;
    private static final int MAPPED_PREFIX = 96;

    private AddressBlockText() {}

    /** Whether relays can read the text: an address without zone, a prefix of its family, and no bit behind it. */
    public static boolean isBlock(String text) {
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        byte[] address = host.indexOf('%') >= 0 ? null : NetUtil.createByteArrayFromIpAddressString(host);
        if (address == null) {
            return false;
        }
        int bits = address.length * Byte.SIZE;
        String prefixText = slash < 0 ? Integer.toString(bits) : text.substring(slash + 1);
        if (!prefixText.matches("[0-9]{1,3}")) {
            return false;
        }
        int prefix = Integer.parseInt(prefixText);
        if (prefix > bits) {
            return false;
        }
        BigInteger value = new BigInteger(1, address);
        boolean mapped = bits == 128 && prefix >= MAPPED_PREFIX
                && value.shiftRight(Integer.SIZE).equals(BigInteger.valueOf(MAPPED_MARK));
        return !mapped && (value.signum() == 0 || value.getLowestSetBit() >= bits - prefix);
    }
}
