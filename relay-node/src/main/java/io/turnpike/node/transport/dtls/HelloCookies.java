package io.turnpike.node.transport.dtls;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes and checks the cookies of HelloVerifyRequest without remembering any (RFC 6347 section 4.2.1): each is an HMAC
 * over the client's address and port and what its ClientHello says, so that a client that can show one has received it
 * there. The secret is replaced every minute and the one before it still accepted. Confined to one event loop.
 *
 * <p>A cookie is the secret's number (1 byte) and HMAC-SHA256 cut to 15 bytes.
 */
final class HelloCookies {
    /** Bytes of every cookie. */
    static final int COOKIE_BYTES = 16;
    /** How long a secret signs; a cookie is good for one to two of these. */
    static final Duration SECRET_LIFETIME = Duration.ofSeconds(60);
    /** Bytes of a HelloVerifyRequest: record header, message header, version, cookie. */
    static final int ANSWER_BYTES = ClientHello.RECORD_HEADER_BYTES + ClientHello.MESSAGE_HEADER_BYTES + 3
            + COOKIE_BYTES;

    private static final String MAC = "HmacSHA256";
    private static final int HANDSHAKE = 22;
    private static final int HELLO_VERIFY_REQUEST = 3;
    /** RFC 6347 section 4.2.1: 1.0 whatever will be negotiated; clients take it for the packet's format only. */
    private static final int DTLS_1_0 = 0xFEFF;
    private static final int MAX_ADDRESS_BYTES = 16;
    private static final int PORT_BYTES = 2;

    private final LongSupplier nanoClock;
    private final SecureRandom random;
    private final byte[] input = new byte[1 + MAX_ADDRESS_BYTES + PORT_BYTES + ClientHello.MAX_PARAMETER_BYTES];
    private final byte[] shown = new byte[COOKIE_BYTES];
    private byte generation;
    private Mac current;
    private Mac previous;
    private long madeAtNanos;

    HelloCookies(LongSupplier nanoClock, SecureRandom random) {
        this.nanoClock = nanoClock;
        this.random = random;
        current = newSecret();
        previous = newSecret();
        madeAtNanos = nanoClock.getAsLong();
    }

    /** Whether the ClientHello shows the cookie that a client at this address was sent within the last minute or two. */
    boolean accepts(ClientHello hello, InetSocketAddress client) {
        if (hello.cookieBytes() != COOKIE_BYTES) {
            return false;
        }
        rotate();
        hello.copyCookie(shown);
        byte signedBy = shown[0];
        if (signedBy != generation && signedBy != (byte) (generation - 1)) {
            return false;
        }
        return MessageDigest.isEqual(cookie(signedBy, hello, client), shown);
    }

    /** Writes the HelloVerifyRequest that answers the ClientHello (RFC 6347 section 4.2.1). */
    void writeAnswer(ByteBuf answer, ClientHello hello, InetSocketAddress client) {
        rotate();
        int bodyBytes = 3 + COOKIE_BYTES;
        answer.writeByte(HANDSHAKE).writeShort(DTLS_1_0).writeShort(0);
        // The record's number is the ClientHello's, so that no state is needed to count.
        answer.writeShort((int) (hello.recordSequence() >>> Integer.SIZE)).writeInt((int) hello.recordSequence());
        answer.writeShort(ClientHello.MESSAGE_HEADER_BYTES + bodyBytes);
        answer.writeByte(HELLO_VERIFY_REQUEST).writeMedium(bodyBytes).writeShort(0).writeMedium(0)
                .writeMedium(bodyBytes);
        answer.writeShort(DTLS_1_0).writeByte(COOKIE_BYTES).writeBytes(cookie(generation, hello, client));
    }

    private byte[] cookie(byte signedBy, ClientHello hello, InetSocketAddress client) {
        byte[] address = client.getAddress().getAddress();
        int at = 0;
        input[at++] = (byte) address.length;
        System.arraycopy(address, 0, input, at, address.length);
        at += address.length;
        input[at++] = (byte) (client.getPort() >>> Byte.SIZE);
        input[at++] = (byte) client.getPort();
        hello.copyParameters(input, at);
        Mac mac = signedBy == generation ? current : previous;
        mac.update(input, 0, at + hello.parameterBytes());
        byte[] signature = mac.doFinal();
        byte[] cookie = new byte[COOKIE_BYTES];
        cookie[0] = signedBy;
        System.arraycopy(signature, 0, cookie, 1, COOKIE_BYTES - 1);
        return cookie;
    }

    private void rotate() {
        long lifetime = SECRET_LIFETIME.toNanos();
        long age = nanoClock.getAsLong() - madeAtNanos;
        if (age < lifetime) {
            return;
        }
        previous = age < 2 * lifetime ? current : newSecret();
        current = newSecret();
        generation++;
        madeAtNanos += age / lifetime * lifetime;
    }

    private Mac newSecret() {
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(secret, MAC));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime lacks " + MAC, e);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }
}
