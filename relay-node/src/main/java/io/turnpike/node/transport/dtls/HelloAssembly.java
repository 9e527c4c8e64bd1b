package io.turnpike.node.transport.dtls;

import java.util.BitSet;
import org.bouncycastle.tls.DTLSRequest;
import org.bouncycastle.tls.DTLSVerifier;
import org.bouncycastle.tls.DatagramSender;

/**
 * Puts the fragments of a ClientHello together (RFC 6347 section 4.2.3), from the first one on, whose cookie was accepted:
 * fragments that come before it find nobody. Confined to one event loop.
 */
final class HelloAssembly {
    private final byte[] random = new byte[ClientHello.RANDOM_BYTES];
    private final byte[] cookie;
    private final int messageSequence;
    private final int messageBytes;
    private final byte[] record;
    private final BitSet missing;
    private long recordSequence;

    /** @param first the fragment with the cookie */
    HelloAssembly(ClientHello first) {
        first.copyRandom(random);
        cookie = new byte[first.cookieBytes()];
        first.copyCookie(cookie);
        messageSequence = first.messageSequence();
        messageBytes = first.messageBytes();
        record = new byte[ClientHello.RECORD_HEADER_BYTES + ClientHello.MESSAGE_HEADER_BYTES + messageBytes];
        missing = new BitSet(messageBytes);
        missing.set(0, messageBytes);
        add(first);
    }

    /** The random of the client's hello, which tells one handshake from the next. */
    byte[] random() {
        return random;
    }

    /** Takes a fragment, if it is one of this message. */
    void add(ClientHello fragment) {
        if (fragment.messageSequence() == messageSequence && fragment.messageBytes() == messageBytes) {
            fragment.copyFragment(record, ClientHello.RECORD_HEADER_BYTES + ClientHello.MESSAGE_HEADER_BYTES);
            missing.clear(fragment.fragmentOffset(), fragment.fragmentOffset() + fragment.fragmentBytes());
            recordSequence = Math.max(recordSequence, fragment.recordSequence());
        }
    }

    boolean isComplete() {
        return missing.isEmpty();
    }

    /**
     * The whole message as the library wants it, or null if it is malformed. The library would check a cookie of its own
     * making; {@link CookieShown} has it agree with the one that was checked.
     */
    DTLSRequest toRequest() {
        writeHeaders();
        DatagramSender nobody = new DatagramSender() {
            @Override
            public int getSendLimit() {
                return record.length;
            }

            @Override
            public void send(byte[] bytes, int offset, int length) {}
        };
        return new DTLSVerifier(new CookieShown(cookie)).verifyRequest(new byte[0], record, 0, record.length, nobody);
    }

    private void writeHeaders() {
        int at = 0;
        record[at++] = 22;
        at = write(record, at, 0xFEFD, 2);
        at = write(record, at, 0, 2);
        at = write(record, at, recordSequence, 6);
        at = write(record, at, ClientHello.MESSAGE_HEADER_BYTES + messageBytes, 2);
        record[at++] = 1;
        at = write(record, at, messageBytes, 3);
        at = write(record, at, messageSequence, 2);
        at = write(record, at, 0, 3);
        write(record, at, messageBytes, 3);
    }

    private static int write(byte[] target, int index, long value, int bytes) {
        for (int i = 0; i < bytes; i++) {
            target[index + i] = (byte) (value >>> Byte.SIZE * (bytes - 1 - i));
        }
        return index + bytes;
    }
}
