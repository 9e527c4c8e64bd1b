package io.turnpike.node.auth;

import io.turnpike.node.event.ClientTransport;
import io.turnpike.stun.Nonce;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes and checks nonces without remembering any: each carries its time and an HMAC over the client's address, so that
 * no spoofed source costs memory, and no nonce works from two addresses (RFC 8489 section 9.2.4) or over two transports.
 *
 * <p>A nonce is the cookie with the security feature bits (RFC 8489 section 9.2), then 18 bytes in base64: key id (1),
 * seconds since 1970 (4), the client's port (2), HMAC-SHA256 cut to 11 bytes over the features, key id, time, realm,
 * PASSWORD-ALGORITHMS list and the client's transport, address and port. Nodes with the same keys accept each other's
 * nonces. Thread-safe.
 */
public final class NonceIssuer {
    /** Length of every nonce in characters; it keeps a 401 under 120 bytes. */
    static final int NONCE_CHARACTERS = 37;

    private static final Duration CLOCK_SKEW = Duration.ofSeconds(60);
    private static final String MAC = "HmacSHA256";
    private static final int KEY_ID_BYTES = 1;
    private static final int TIME_BYTES = 4;
    private static final int PORT_BYTES = 2;
    private static final int MAC_BYTES = 11;
    private static final int TOKEN_BYTES = KEY_ID_BYTES + TIME_BYTES + PORT_BYTES + MAC_BYTES;

    private final List<Key> keys;
    private final Duration lifetime;
    private final InstantSource clock;

    /**
     * @param keys the first signs, all are accepted; at least one
     * @param lifetime how long a nonce is good
     * @param boundTo what else a nonce is good for: realm and PASSWORD-ALGORITHMS list, equal on every node
     */
    NonceIssuer(List<byte[]> keys, Duration lifetime, InstantSource clock, byte[] boundTo) {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("a nonce needs a key");
        }
        this.keys = keys.stream().map(key -> Key.of(key, boundTo)).toList();
        this.lifetime = lifetime;
        this.clock = clock;
    }

    /** A key for a node that was given none: only nonces of this process are good. */
    static byte[] randomKey() {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        return key;
    }

    /** The nonce key that a cluster shares through its cluster key. */
    static byte[] deriveKey(byte[] clusterKey) {
        return mac(clusterKey).doFinal("turnpike nonce key".getBytes(StandardCharsets.US_ASCII));
    }

    /** A fresh nonce for this client address and transport, announcing these of {@link Features}. */
    Nonce issue(Features features, ClientTransport transport, InetSocketAddress client) {
        Key key = keys.get(0);
        int seconds = (int) clock.instant().getEpochSecond();
        byte[] token = new byte[TOKEN_BYTES];
        ByteBuffer.wrap(token).put(key.id).putInt(seconds).putShort((short) client.getPort()).put(
                key.sign(features, seconds, transport, client.getAddress(), client.getPort()), 0, MAC_BYTES);
        return new Nonce(features.prefix + Base64.getEncoder().encodeToString(token));
    }

    /**
     * Whether a node of this cluster gave the nonce, with the features that it announces, to this client over this
     * transport, and its lifetime has not ended.
     */
    boolean isValid(Nonce nonce, ClientTransport transport, InetSocketAddress client) {
        Token token = Token.of(nonce);
        return token != null && token.port == client.getPort() && isValid(token, transport, client.getAddress());
    }

    /**
     * The same, but the nonce may be that of another port of this host. It is for a ConnectionBind, which comes over a
     * connection of its own with the credentials of the control connection (RFC 6062 section 4.3); there are clients that
     * take the nonce along and ask no second time.
     */
    boolean isValidForDataConnection(Nonce nonce, ClientTransport transport, InetSocketAddress client) {
        Token token = Token.of(nonce);
        return token != null && isValid(token, transport, client.getAddress());
    }

    private boolean isValid(Token token, ClientTransport transport, InetAddress client) {
        if (!isCurrent(token.seconds)) {
            return false;
        }
        for (int i = 0; i < keys.size(); i++) {
            if (keys.get(i).id == token.keyId && keys.get(i).signed(token, transport, client)) {
                return true;
            }
        }
        return false;
    }

    /** A nonce taken apart. */
    private record Token(Features features, byte keyId, int seconds, int port, byte[] signature) {
        /** Null if the nonce is none of ours. */
        static Token of(Nonce nonce) {
            Features features = Features.of(nonce);
            if (features == null || nonce.value().length() != NONCE_CHARACTERS) {
                return null;
            }
            byte[] bytes;
            try {
                bytes = Base64.getDecoder().decode(nonce.value().substring(features.prefix.length()));
            } catch (IllegalArgumentException e) {
                return null;
            }
            return bytes.length == TOKEN_BYTES ? of(features, ByteBuffer.wrap(bytes)) : null;
        }

        private static Token of(Features features, ByteBuffer fields) {
            byte[] signature = new byte[MAC_BYTES];
            Token token = new Token(features, fields.get(), fields.getInt(), fields.getShort() & 0xFFFF, signature);
            fields.get(signature);
            return token;
        }
    }

    /** What a nonce announces in its cookie; always that the server offers password algorithms (RFC 8489 section 9.2). */
    enum Features {
        /** USERNAME is asked for. */
        NAMED(Nonce.PASSWORD_ALGORITHMS_FEATURE),
        /** USERHASH may stand for it. */
        ANONYMOUS(Nonce.PASSWORD_ALGORITHMS_FEATURE | Nonce.USERNAME_ANONYMITY_FEATURE);

        private static final Features[] ALL = values();

        private final String prefix;
        private final byte mark;

        Features(int bits) {
            prefix = Nonce.prefix(bits);
            mark = (byte) (bits >> 16);
        }

        /** Null if the nonce announces anything else. */
        static Features of(Nonce nonce) {
            for (Features each : ALL) {
                if (nonce.value().startsWith(each.prefix)) {
                    return each;
                }
            }
            return null;
        }
    }

    private boolean isCurrent(int seconds) {
        long age = clock.instant().getEpochSecond() - Integer.toUnsignedLong(seconds);
        return age < lifetime.toSeconds() && age >= -CLOCK_SKEW.toSeconds();
    }

    private static Mac mac(byte[] key) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(key, MAC));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime lacks " + MAC, e);
        }
    }

    /** A live key; each thread has a MAC of its own, which a signature leaves ready for the next. */
    private static final class Key {
        private static final byte[][] PROTOCOLS = protocols();
        private static final int FIELD_BYTES = 1 + KEY_ID_BYTES + TIME_BYTES + PORT_BYTES + 1;

        private final byte id;
        private final byte[] boundTo;
        private final ThreadLocal<Mac> macs;

        private Key(byte id, byte[] key, byte[] boundTo) {
            this.id = id;
            this.boundTo = boundTo.clone();
            macs = ThreadLocal.withInitial(() -> mac(key));
        }

        static Key of(byte[] key, byte[] boundTo) {
            byte[] kept = key.clone();
            return new Key(mac(kept).doFinal("turnpike nonce key id".getBytes(StandardCharsets.US_ASCII))[0], kept,
                    boundTo);
        }

        private static byte[][] protocols() {
            byte[][] names = new byte[ClientTransport.values().length][];
            for (ClientTransport transport : ClientTransport.values()) {
                names[transport.ordinal()] = transport.name().getBytes(StandardCharsets.US_ASCII);
            }
            return names;
        }

        boolean signed(Token token, ClientTransport transport, InetAddress client) {
            byte[] expected = sign(token.features, token.seconds, transport, client, token.port);
            return MessageDigest.isEqual(Arrays.copyOf(expected, MAC_BYTES), token.signature);
        }

        /** The whole HMAC, of which a nonce carries the first {@link #MAC_BYTES}. */
        byte[] sign(Features features, int seconds, ClientTransport transport, InetAddress client, int port) {
            byte[] protocol = PROTOCOLS[transport.ordinal()];
            byte[] address = client.getAddress();
            byte[] fields = new byte[FIELD_BYTES + address.length + 1 + protocol.length];
            ByteBuffer.wrap(fields).put(features.mark).put(id).putInt(seconds).putShort((short) port)
                    .put((byte) address.length).put(address).put((byte) protocol.length).put(protocol);
            Mac mac = macs.get();
            mac.update(fields);
            mac.update(boundTo);
            return mac.doFinal();
        }

        @Override
        public String toString() {
            return "Key[" + id + "]";
        }
    }
}
