package io.turnpike.contract;

import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** The text of an address block as the relays read it: {@code 10.0.0.0/8}, {@code fc00::/7}, or a single address. */
public final class AddressBlockText {
    /** Most blocks of one list: a relay holds every packet against each. */
    public static final int MOST = 64;
    /** The rule, for messages. */
    public static final String RULE = "must be at most " + MOST
            + " address blocks such as 10.0.0.0/8 or fc00::/7, IPv4-mapped ones written as IPv4";

    private static final Pattern IPV4 = Pattern.compile("([0-9]{1,3}\\.){3}[0-9]{1,3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F.]*:[0-9a-fA-F:.]*");
    private static final Pattern PREFIX = Pattern.compile("[0-9]{1,3}");
    private static final int MOST_CHARACTERS = 64;
    private static final int GREATEST_OCTET = 255;

    private AddressBlockText() {}

    /** Whether relays can read the text: an address without zone, a prefix of its family, and no bit behind it. */
    public static boolean isBlock(String text) {
        if (text.length() > MOST_CHARACTERS) {
            return false;
        }
        int slash = text.indexOf('/');
        byte[] address = address(slash < 0 ? text : text.substring(0, slash));
        int bits = address.length * Byte.SIZE;
        String prefix = slash < 0 ? Integer.toString(bits) : text.substring(slash + 1);
        if (bits == 0 || !PREFIX.matcher(prefix).matches() || Integer.parseInt(prefix) > bits) {
            return false;
        }
        BigInteger value = new BigInteger(1, address);
        return value.signum() == 0 || value.getLowestSetBit() >= bits - Integer.parseInt(prefix);
    }

    /** The address of a literal, or nothing; no name is ever looked up. */
    private static byte[] address(String literal) {
        if (IPV4.matcher(literal).matches()) {
            String[] octets = literal.split("\\.");
            byte[] address = new byte[octets.length];
            for (int i = 0; i < octets.length; i++) {
                if (Integer.parseInt(octets[i]) > GREATEST_OCTET) {
                    return new byte[0];
                }
                address[i] = (byte) Integer.parseInt(octets[i]);
            }
            return address;
        }
        if (!IPV6.matcher(literal).matches()) {
            return new byte[0];
        }
        try {
            // With a colon the text is a literal or an error, never a name. Java shows mapped addresses as IPv4.
            InetAddress address = InetAddress.getByName(literal);
            return address instanceof Inet4Address ? new byte[0] : address.getAddress();
        } catch (UnknownHostException e) {
            return new byte[0];
        }
    }
}
