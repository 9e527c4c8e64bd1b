package io.turnpike.system.differential;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one server did, without what must differ between two runs: ports, nonces, tokens, reason phrases.
 *
 * @param answer {@code success}, {@code error 437}, {@code silence}, what a peer received
 * @param integrity {@code unsigned}, {@code SHA-1}, {@code SHA-256}, {@code wrong}; empty where there is no answer
 * @param attributes names with the part of the value that can be compared; integrity attributes are not among them
 */
record Outcome(String answer, String integrity, Map<String, String> attributes) {
    static final Outcome SILENCE = of("silence");
    static final Outcome CLOSED = of("connection closed");

    Outcome {
        attributes = Map.copyOf(attributes);
    }

    static Outcome of(String answer) {
        return new Outcome(answer, "", Map.of());
    }

    /** Reads an answer or an indication; {@code key} checks its integrity, {@code client} its mapped address. */
    static Outcome of(byte[] message, byte[] key, InetSocketAddress client) {
        ByteBuffer in = ByteBuffer.wrap(message);
        Map<String, String> attributes = new TreeMap<>();
        String integrity = "unsigned";
        String code = "";
        for (int at = StunBytes.HEADER_BYTES; at + 4 <= message.length;) {
            int attribute = in.getShort(at) & 0xFFFF;
            int length = in.getShort(at + 2) & 0xFFFF;
            byte[] value = Arrays.copyOfRange(message, at + 4, at + 4 + length);
            switch (attribute) {
                case Names.MESSAGE_INTEGRITY -> integrity = integrity(message, at, value, key, "HmacSHA1", "SHA-1");
                case Names.MESSAGE_INTEGRITY_SHA256 ->
                    integrity = integrity(message, at, value, key, "HmacSHA256", "SHA-256");
                case Names.ERROR_CODE -> code = " " + (value[2] * 100 + value[3]);
                default -> attributes.merge(Names.attribute(attribute), value(attribute, value, message, at, client),
                        (first, second) -> first + " and " + second);
            }
            at += 4 + (length + 3 & ~3);
        }
        String messageClass = switch (in.getShort(0) & 0x110) {
            case 0x100 -> "success";
            case 0x110 -> "error";
            case 0x010 -> "indication";
            default -> "request";
        };
        return new Outcome(messageClass + code, integrity, attributes);
    }

    private static String integrity(byte[] message, int at, byte[] mac, byte[] key, String algorithm, String name) {
        byte[] covered = Arrays.copyOf(message, at);
        ByteBuffer.wrap(covered).putShort(2, (short) (at + 4 + mac.length - StunBytes.HEADER_BYTES));
        return key != null && Arrays.equals(StunBytes.hmac(algorithm, key, covered), mac) ? name : "wrong";
    }

    private static String value(int attribute, byte[] value, byte[] message, int at, InetSocketAddress client) {
        ByteBuffer in = ByteBuffer.wrap(value);
        return switch (attribute) {
            case Names.XOR_MAPPED_ADDRESS -> address(value, message).equals(client) ? "of the client" : "wrong";
            case Names.MAPPED_ADDRESS -> "there";
            case Names.XOR_RELAYED_ADDRESS -> {
                InetSocketAddress relayed = address(value, message);
                yield family(value[1]) + (relayed.getPort() == 0 ? " without a port" : "");
            }
            case Names.XOR_PEER_ADDRESS -> family(value[1]);
            case Names.LIFETIME -> Integer.toString(in.getInt());
            case Names.DATA -> value.length + " bytes";
            case Names.REALM -> new String(value, StandardCharsets.UTF_8);
            case Names.ADDRESS_ERROR_CODE -> family(value[0]) + " " + (value[2] * 100 + value[3]);
            case Names.UNKNOWN_ATTRIBUTES -> {
                StringBuilder numbers = new StringBuilder();
                while (in.remaining() > 1) {
                    numbers.append(String.format(Locale.ROOT, "%s0x%04X", numbers.isEmpty() ? "" : " ", in.getShort()));
                }
                yield numbers.toString();
            }
            case Names.FINGERPRINT -> in.getInt() == StunBytes.crc(Arrays.copyOf(message, at)) ? "right" : "wrong";
            default -> "there";
        };
    }

    private static String family(int number) {
        return number == 1 ? "IPv4" : number == 2 ? "IPv6" : "family " + number;
    }

    /** An address that is XORed with the header (RFC 8489 section 14.2). */
    static InetSocketAddress address(byte[] value, byte[] message) {
        byte[] bytes = Arrays.copyOfRange(value, 4, value.length);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] ^= message[4 + i];
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes),
                    (ByteBuffer.wrap(value).getShort(2) ^ StunBytes.COOKIE >>> 16) & 0xFFFF);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of " + bytes.length + " bytes", e);
        }
    }

    /** First value of an attribute in a message, null if it is not there. */
    static byte[] raw(byte[] message, int attribute) {
        ByteBuffer in = ByteBuffer.wrap(message);
        for (int at = StunBytes.HEADER_BYTES; at + 4 <= message.length;) {
            int length = in.getShort(at + 2) & 0xFFFF;
            if ((in.getShort(at) & 0xFFFF) == attribute) {
                return Arrays.copyOfRange(message, at + 4, at + 4 + length);
            }
            at += 4 + (length + 3 & ~3);
        }
        return null;
    }
}
