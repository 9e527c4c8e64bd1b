package io.turnpike.node.transport.dtls;

import java.security.SecureRandom;
import org.bouncycastle.jcajce.util.DefaultJcaJceHelper;
import org.bouncycastle.tls.crypto.TlsHMAC;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;

/**
 * Has the library's verifier find right the cookie that {@link HelloCookies} has found right, because only the verifier
 * makes the object with which the library begins a handshake at the second ClientHello. Used for nothing else.
 */
final class CookieShown extends JcaTlsCrypto {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final byte[] cookie;

    CookieShown(byte[] cookie) {
        super(new DefaultJcaJceHelper(), RANDOM, RANDOM);
        this.cookie = cookie;
    }

    @Override
    public TlsHMAC createHMAC(int macAlgorithm) {
        return new TlsHMAC() {
            @Override
            public int getInternalBlockSize() {
                return 64;
            }

            @Override
            public void setKey(byte[] key, int offset, int length) {}

            @Override
            public void update(byte[] input, int offset, int length) {}

            @Override
            public byte[] calculateMAC() {
                return cookie.clone();
            }

            @Override
            public void calculateMAC(byte[] output, int offset) {
                System.arraycopy(cookie, 0, output, offset, cookie.length);
            }

            @Override
            public int getMacLength() {
                return cookie.length;
            }

            @Override
            public void reset() {}
        };
    }
}
