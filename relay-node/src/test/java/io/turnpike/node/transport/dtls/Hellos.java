package io.turnpike.node.transport.dtls;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

/** Writes the ClientHellos of a client, whole or in fragments, and reads the cookie of the answer. */
public final class Hellos {
    /** Bytes of a datagram without and with its cookie. */
    private static final int HEADERS_BYTES = ClientHello.RECORD_HEADER_BYTES + ClientHello.MESSAGE_HEADER_BYTES;
    private static final byte[] SUITES_AND_EXTENSIONS = HexFormat.of().parseHex("0004c02bc02f" + "0100" + "001f"
            + "000a00040002" + "0017" + "000b00020100" + "000d00080006" + "0403" + "0804" + "0401" + "ff01000100");

    private Hellos() {}

    /** A random that no other seed gives. */
    public static byte[] random(long seed) {
        byte[] random = new byte[ClientHello.RANDOM_BYTES];
        new Random(seed).nextBytes(random);
        return random;
    }

    /** The first ClientHello of a client. */
    public static byte[] first(byte[] random) {
        return datagram(0, 0, body(random, new byte[0]));
    }

    /** The second ClientHello of a client. */
    public static byte[] second(byte[] random, byte[] cookie) {
        return datagram(1, 1, body(random, cookie));
    }

    /** The second ClientHello in fragments of at most this many bytes, each in its datagram. */
    public static byte[][] fragments(byte[] random, byte[] cookie, int fragmentBytes) {
        byte[] body = body(random, cookie);
        byte[][] datagrams = new byte[(body.length + fragmentBytes - 1) / fragmentBytes][];
        for (int i = 0; i < datagrams.length; i++) {
            int offset = i * fragmentBytes;
            byte[] fragment = Arrays.copyOfRange(body, offset, Math.min(body.length, offset + fragmentBytes));
            datagrams[i] = datagram(1 + i, 1, body.length, offset, fragment);
        }
        return datagrams;
    }

    /** The cookie of a HelloVerifyRequest. */
    public static byte[] cookie(byte[] answer) {
        int at = HEADERS_BYTES + 3;
        return Arrays.copyOfRange(answer, at, at + (answer[at - 1] & 0xFF));
    }

    /** A record of this type, epoch and number. */
    public static byte[] record(int type, int epoch, long sequence, byte[] fragment) {
        return ByteBuffer.allocate(ClientHello.RECORD_HEADER_BYTES + fragment.length).put((byte) type)
                .putShort((short) 0xFEFD).putShort((short) epoch).putShort((short) (sequence >>> 32))
                .putInt((int) sequence).putShort((short) fragment.length).put(fragment).array();
    }

    private static byte[] body(byte[] random, byte[] cookie) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(new byte[]{(byte) 0xFE, (byte) 0xFD});
        body.writeBytes(random);
        body.write(0);
        body.write(cookie.length);
        body.writeBytes(cookie);
        body.writeBytes(SUITES_AND_EXTENSIONS);
        return body.toByteArray();
    }

    private static byte[] datagram(long recordSequence, int messageSequence, byte[] body) {
        return datagram(recordSequence, messageSequence, body.length, 0, body);
    }

    private static byte[] datagram(long recordSequence, int messageSequence, int messageBytes, int offset,
            byte[] fragment) {
        byte[] message = ByteBuffer.allocate(ClientHello.MESSAGE_HEADER_BYTES + fragment.length)
                .putInt(1 << 24 | messageBytes).putShort((short) messageSequence).put((byte) 0)
                .putShort((short) offset).put((byte) 0).putShort((short) fragment.length).put(fragment).array();
        return record(22, 0, recordSequence, message);
    }
}
