package io.turnpike.telemetry.store;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Layout of store keys: texts with their length in front and big-endian numbers, so that everything of a tenant, a user
 * or a node is one range of bytes, in the order of time.
 */
public final class StoreKey {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);

    private StoreKey() {}

    /** Key or prefix of a tenant's bucket store: tenant, then the bucket's start. */
    public static byte[] tenant(String tenantId) {
        return new StoreKey().text(tenantId).key();
    }

    /** Key in a tenant's bucket store. The empty tenant is the cluster. */
    public static byte[] tenantBucket(String tenantId, long startMillis) {
        return new StoreKey().text(tenantId).number(startMillis).key();
    }

    /** Key in the user index. */
    public static byte[] user(String tenantId, String userId) {
        return new StoreKey().text(tenantId).text(userId).key();
    }

    /** Key in a user's bucket store: tenant, user, then the bucket's start. */
    public static byte[] userBucket(String tenantId, String userId, long startMillis) {
        return new StoreKey().text(tenantId).text(userId).number(startMillis).key();
    }

    /** The bucket's start, at the end of every bucket key. */
    public static long bucketStart(byte[] bucketKey) {
        return ByteBuffer.wrap(bucketKey).getLong(bucketKey.length - Long.BYTES);
    }

    /** The user of a key of the user index. */
    public static String userOf(byte[] userKey) {
        ByteBuffer key = ByteBuffer.wrap(userKey);
        readText(key);
        return readText(key);
    }

    static StoreKey family(char name) {
        StoreKey key = new StoreKey();
        key.bytes.write(name);
        return key;
    }

    StoreKey text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        bytes.write(utf8.length >> 8);
        bytes.write(utf8.length);
        bytes.writeBytes(utf8);
        return this;
    }

    /** A number that is not negative; it orders as bytes. */
    StoreKey number(long number) {
        bytes.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
        return this;
    }

    /** A text at the end of the key, without a length. */
    StoreKey last(String text) {
        bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    byte[] key() {
        return bytes.toByteArray();
    }

    static String readText(ByteBuffer key) {
        byte[] utf8 = new byte[key.getShort() & 0xFFFF];
        key.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    static String readLast(ByteBuffer key) {
        byte[] utf8 = new byte[key.remaining()];
        key.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
