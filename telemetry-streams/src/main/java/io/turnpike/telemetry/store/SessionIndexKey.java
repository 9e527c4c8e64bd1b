package io.turnpike.telemetry.store;

import java.nio.ByteBuffer;

/**
 * Keys of the session index. Four families share one store, told apart by the first byte, because each has few bytes per
 * allocation and a store costs memory per partition:
 *
 * <ul>
 * <li>{@code L} tenant, allocation: live allocations, by id; the value is the user
 * <li>{@code D} tenant, end (newest first), allocation: ended allocations; the value is the user
 * <li>{@code N} node, epoch, allocation: live allocations of a node
 * <li>{@code E} due time, allocation: when to look whether an allocation is to be closed or forgotten
 * <li>{@code G} node: the last epoch of it that is gone
 * </ul>
 */
public final class SessionIndexKey {
    private static final char LIVE = 'L';
    private static final char ENDED = 'D';
    private static final char NODE = 'N';
    private static final char DUE = 'E';
    private static final char GONE = 'G';

    private SessionIndexKey() {}

    /** A tenant's live allocations. */
    public static byte[] livePrefix(String tenantId) {
        return StoreKey.family(LIVE).text(tenantId).key();
    }

    /** A live allocation of a tenant. */
    public static byte[] live(String tenantId, String allocationId) {
        return StoreKey.family(LIVE).text(tenantId).last(allocationId).key();
    }

    /** The allocation of a key of {@link #live}. */
    public static String liveAllocation(byte[] key) {
        ByteBuffer buffer = afterFamily(key);
        StoreKey.readText(buffer);
        return StoreKey.readLast(buffer);
    }

    /** A tenant's ended allocations. */
    public static byte[] endedPrefix(String tenantId) {
        return StoreKey.family(ENDED).text(tenantId).key();
    }

    /** An ended allocation of a tenant. */
    public static byte[] ended(String tenantId, long endedAtMicros, String allocationId) {
        return StoreKey.family(ENDED).text(tenantId).number(Long.MAX_VALUE - endedAtMicros).last(allocationId).key();
    }

    /** The allocation of a key of {@link #ended}. */
    public static String endedAllocation(byte[] key) {
        ByteBuffer buffer = afterFamily(key);
        StoreKey.readText(buffer);
        buffer.getLong();
        return StoreKey.readLast(buffer);
    }

    /** When the allocation of a key of {@link #ended} ended, microseconds since 1970. */
    public static long endedAtMicros(byte[] key) {
        ByteBuffer buffer = afterFamily(key);
        StoreKey.readText(buffer);
        return Long.MAX_VALUE - buffer.getLong();
    }

    /** The live allocations of a node, from the first epoch on. */
    public static byte[] nodePrefix(String nodeId) {
        return StoreKey.family(NODE).text(nodeId).key();
    }

    /** The end, exclusive, of a node's allocations up to and with an epoch. */
    public static byte[] nodeAfterEpoch(String nodeId, long epoch) {
        return StoreKey.family(NODE).text(nodeId).number(epoch + 1).key();
    }

    /** A live allocation of a node. */
    public static byte[] node(String nodeId, long epoch, String allocationId) {
        return StoreKey.family(NODE).text(nodeId).number(epoch).last(allocationId).key();
    }

    /** The allocation of a key of {@link #node}. */
    public static String nodeAllocation(byte[] key) {
        ByteBuffer buffer = afterFamily(key);
        StoreKey.readText(buffer);
        buffer.getLong();
        return StoreKey.readLast(buffer);
    }

    /** An allocation that is due to be looked at. */
    public static byte[] due(long dueMillis, String allocationId) {
        return StoreKey.family(DUE).number(dueMillis).last(allocationId).key();
    }

    /** The start of all due allocations. */
    public static byte[] duePrefix() {
        return StoreKey.family(DUE).key();
    }

    /** The end, exclusive, of what is due now. */
    public static byte[] dueAfter(long nowMillis) {
        return StoreKey.family(DUE).number(nowMillis + 1).key();
    }

    /** The allocation of a key of {@link #due}. */
    public static String dueAllocation(byte[] key) {
        ByteBuffer buffer = afterFamily(key);
        buffer.getLong();
        return StoreKey.readLast(buffer);
    }

    /** The last epoch of a node that is gone; the value is the epoch. */
    public static byte[] gone(String nodeId) {
        return StoreKey.family(GONE).text(nodeId).key();
    }

    /** The start of the nodes of which an epoch is gone. */
    public static byte[] gonePrefix() {
        return StoreKey.family(GONE).key();
    }

    /** The end, exclusive, of the nodes of which an epoch is gone. */
    public static byte[] goneEnd() {
        return StoreKey.family((char) (GONE + 1)).key();
    }

    /** The node of a key of {@link #gone}. */
    public static String goneNode(byte[] key) {
        return StoreKey.readText(afterFamily(key));
    }

    private static ByteBuffer afterFamily(byte[] key) {
        return ByteBuffer.wrap(key, 1, key.length - 1).slice();
    }
}
