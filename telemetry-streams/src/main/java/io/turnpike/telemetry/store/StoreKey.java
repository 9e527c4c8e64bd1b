package io.turnpike.telemetry.store;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Layout of store keys: texts with their length in front and big-endian numbers, so that everything of a tenant, a user
 * or a node is one range of bytes, in the order of time.
 */
public final class StoreKey {
    /** Under this scope the whole cluster is added up. */
    public static final String CLUSTER = "";
    private static final char NODE = '@'; // begins no tenant id

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);

    private StoreKey() {}

    /** Prefix of the buckets of a tenant, a node ({@link #nodeScope}) or the {@link #CLUSTER}, and key of its open minute. */
    public static byte[] tenant(String tenantId) {
        return new StoreKey().text(tenantId).key();
    }

    /** Scope under which a node is added up; tenants are their own scopes. */
    public static String nodeScope(String nodeId) {
        return NODE + nodeId;
    }

    /** The node of a scope of {@link #nodeScope}. */
    public static String nodeOfScope(String scope) {
        return scope.substring(1);
    }

    /** Key of an epoch of a node. */
    public static byte[] epoch(String nodeId, long epoch) {
        return new StoreKey().text(nodeId).number(epoch).key();
    }

    /** Key of an hour of an epoch of a node; its start is the {@link #bucketStart}. */
    public static byte[] epochHour(String nodeId, long epoch, long hourMillis) {
        return bucket(epoch(nodeId, epoch), hourMillis);
    }

    /** The node of a key of an epoch, or of its hour. */
    public static String nodeOf(byte[] key) {
        return readText(ByteBuffer.wrap(key));
    }

    /** The epoch of a key of an epoch, or of its hour. */
    public static long epochOf(byte[] key) {
        ByteBuffer buffer = ByteBuffer.wrap(key);
        readText(buffer);
        return buffer.getLong();
    }

    /** Key of the bucket of whoever has the prefix: a user's of {@link #user}, a tenant's of {@link #tenant}. */
    public static byte[] bucket(byte[] prefix, long startMillis) {
        return ByteBuffer.allocate(prefix.length + Long.BYTES).put(prefix).putLong(startMillis).array();
    }

    /** Key in the user index, prefix of the user's buckets, and key of the user's open minute. */
    public static byte[] user(String tenantId, String userId) {
        return new StoreKey().text(tenantId).text(userId).key();
    }

    /** The bucket's start, at the end of every bucket key. */
    public static long bucketStart(byte[] bucketKey) {
        return ByteBuffer.wrap(bucketKey).getLong(bucketKey.length - Long.BYTES);
    }

    /** The smallest key after a key. */
    public static byte[] after(byte[] key) {
        return Arrays.copyOf(key, key.length + 1);
    }

    /** Whether a key begins with a prefix. */
    public static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    /** The tenant, node scope or cluster of a key that begins with one. */
    public static String tenantOf(byte[] key) {
        return readText(ByteBuffer.wrap(key));
    }

    /** The user of a bucket key; empty for a tenant's, a node's or the cluster's. */
    public static String bucketUser(byte[] bucketKey) {
        ByteBuffer key = ByteBuffer.wrap(bucketKey);
        readText(key);
        return key.remaining() == Long.BYTES ? "" : readText(key);
    }

    /** Key in a list of what is due: its time, then what it is. */
    public static byte[] due(long atMillis, byte[] what) {
        return ByteBuffer.allocate(Long.BYTES + what.length).putLong(atMillis).put(what).array();
    }

    /** What is due, of a key of {@link #due}. */
    public static byte[] whatIsDue(byte[] key) {
        return Arrays.copyOfRange(key, Long.BYTES, key.length);
    }

    /** Whether the bucket or minute is a tenant's or a user's, not a node's or the cluster's. */
    public static boolean isOfTenant(byte[] key) {
        String scope = tenantOf(key);
        return !scope.equals(CLUSTER) && scope.charAt(0) != NODE;
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
