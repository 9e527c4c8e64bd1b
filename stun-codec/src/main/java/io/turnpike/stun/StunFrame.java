package io.turnpike.stun;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import io.netty.buffer.ByteBuf;

/**
 * Reads a STUN message in place: a flyweight to be pointed at one message after the other. Confined to one thread.
 *
 * <p>
 * {@link #wrap(ByteBuf)} checks the whole structure (RFC 8489 sections 5, 6.3 and 14) and remembers where each
 * attribute is; nothing is copied, and the buffer's indexes and reference count stay. All accessors speak of the
 * wrapped message and are valid only after {@code wrap} answered {@link Malformed#NONE} and while the buffer lives.
 *
 * <p>
 * Of duplicate attributes the first wins. Attributes after MESSAGE-INTEGRITY do not exist, except
 * MESSAGE-INTEGRITY-SHA256 and FINGERPRINT; after MESSAGE-INTEGRITY-SHA256 only FINGERPRINT does (RFC 8489 sections
 * 14.5 and 14.6). The methods named peer... and data... read a Send or Data indication without allocating.
 */
public final class StunFrame {

    /** Length of the fixed header. */
    public static final int HEADER_BYTES = 20;
    /** Bytes 4 to 7 of every message (RFC 8489 section 5). */
    public static final int MAGIC_COOKIE = 0x2112A442;

    static final int COOKIE_OFFSET = 4;
    static final int TRANSACTION_ID_OFFSET = 8;
    static final int ATTRIBUTE_HEADER_BYTES = 4;

    private static final AttributeType[] TYPES = AttributeType.values();

    private final int[] headerIndex = new int[TYPES.length];
    /** Values of the wrapped message that were asked for already. */
    private final StunAttribute[] values = new StunAttribute[TYPES.length];
    private long known;
    private final MessageDigester digester = new MessageDigester();
    private ByteBuf buffer;
    private int start;
    private int end;
    private int listEnd;
    private long present;
    private StunMethod method;
    private StunClass messageClass;

    /** Wraps what is between the reader and writer index, which must be exactly one message. */
    public Malformed wrap(ByteBuf packet) {
        return wrap(packet, packet.readerIndex(), packet.readableBytes());
    }

    /**
     * Wraps a part of a buffer, which must be exactly one message.
     *
     * @return what is wrong with it, or {@link Malformed#NONE}
     */
    public Malformed wrap(ByteBuf packet, int index, int length) {
        buffer = packet;
        start = index;
        end = index + length;
        present = 0;
        known = 0;
        Malformed header = readHeader(length);
        return header == Malformed.NONE ? scanAttributes() : header;
    }

    private Malformed readHeader(int length) {
        if (length < HEADER_BYTES) {
            return Malformed.TOO_SHORT;
        }
        int messageType = buffer.getUnsignedShort(start);
        if (messageType > 0x3FFF) {
            return Malformed.WRONG_KIND;
        }
        if (buffer.getInt(start + COOKIE_OFFSET) != MAGIC_COOKIE) {
            return Malformed.NO_MAGIC_COOKIE;
        }
        int attributeBytes = buffer.getUnsignedShort(start + 2);
        if (attributeBytes % 4 != 0) {
            return Malformed.LENGTH_NOT_ALIGNED;
        }
        if (attributeBytes + HEADER_BYTES != length) {
            return Malformed.LENGTH_MISMATCH;
        }
        method = StunMethod.ofType(messageType);
        if (method == null) {
            return Malformed.UNKNOWN_METHOD;
        }
        messageClass = StunClass.ofType(messageType);
        return method.allows(messageClass) ? Malformed.NONE : Malformed.CLASS_NOT_ALLOWED;
    }

    private Malformed scanAttributes() {
        listEnd = end;
        int position = start + HEADER_BYTES;
        while (position < end) {
            if (has(AttributeType.FINGERPRINT)) {
                return Malformed.FINGERPRINT_NOT_LAST;
            }
            int length = buffer.getUnsignedShort(position + 2);
            int next = position + ATTRIBUTE_HEADER_BYTES + padded(length);
            if (next > end) {
                return Malformed.ATTRIBUTE_OVERRUN;
            }
            AttributeType type = AttributeType.ofCode(buffer.getUnsignedShort(position));
            if (type != null && !isHidden(type)) {
                if (!isIntegrityLengthAllowed(type, length)) {
                    return Malformed.INTEGRITY_LENGTH;
                }
                remember(type, position);
            }
            position = next;
        }
        return Malformed.NONE;
    }

    /** RFC 8489 sections 14.5 and 14.6: what follows an integrity attribute is ignored, with the two exceptions. */
    private boolean isHidden(AttributeType type) {
        if (type == AttributeType.FINGERPRINT) {
            return false;
        }
        if (has(AttributeType.MESSAGE_INTEGRITY_SHA256)) {
            return true;
        }
        return has(AttributeType.MESSAGE_INTEGRITY) && type != AttributeType.MESSAGE_INTEGRITY_SHA256;
    }

    private static boolean isIntegrityLengthAllowed(AttributeType type, int length) {
        if (type == AttributeType.MESSAGE_INTEGRITY) {
            return length == MessageIntegrity.BYTES;
        }
        if (type == AttributeType.MESSAGE_INTEGRITY_SHA256) {
            return MessageIntegritySha256.isAllowed(length);
        }
        return type != AttributeType.FINGERPRINT || length == Fingerprint.BYTES;
    }

    private void remember(AttributeType type, int position) {
        if (has(type)) {
            return;
        }
        present |= 1L << type.ordinal();
        headerIndex[type.ordinal()] = position;
        if (endsList(type)) {
            listEnd = Math.min(listEnd, position);
        }
    }

    private static boolean endsList(AttributeType type) {
        return type == AttributeType.MESSAGE_INTEGRITY || type == AttributeType.MESSAGE_INTEGRITY_SHA256
                || type == AttributeType.FINGERPRINT;
    }

    /** The method. */
    public StunMethod method() {
        return method;
    }

    /** The class. */
    public StunClass messageClass() {
        return messageClass;
    }

    /** The transaction id, as a value. */
    public TransactionId transactionId() {
        return TransactionId.at(buffer, start + TRANSACTION_ID_OFFSET);
    }

    /** Length of the message in bytes, the header included. */
    public int messageBytes() {
        return end - start;
    }

    /** Whether the attribute is there, well-formed or not. */
    public boolean has(AttributeType type) {
        return (present & 1L << type.ordinal()) != 0;
    }

    /** The first attribute of this type; empty if it is absent or ill-formed: ask {@link #illFormed()} before. */
    public <A extends StunAttribute> Optional<A> get(Class<A> valueClass) {
        AttributeType type = AttributeType.of(valueClass);
        return type != null && has(type) ? Optional.ofNullable(valueClass.cast(first(type))) : Optional.empty();
    }

    /** The value of the first attribute of a type that is there, decoded once; null if it is ill-formed. */
    private StunAttribute first(AttributeType type) {
        int slot = type.ordinal();
        if ((known & 1L << slot) == 0) {
            known |= 1L << slot;
            values[slot] = decodeAt(type, headerIndex[slot]);
        }
        return values[slot];
    }

    /** The raw value of the first attribute of this type, without padding; empty if it is absent. */
    public Optional<Octets> rawValue(AttributeType type) {
        return has(type) ? Optional.of(Octets.copyOf(buffer, valueIndex(type), valueLength(type))) : Optional.empty();
    }

    /** All XOR-PEER-ADDRESS attributes in order, the one type that may repeat (RFC 8656 section 10.1). */
    public List<XorPeerAddress> peerAddresses() {
        List<XorPeerAddress> peers = new ArrayList<>();
        for (int at = start + HEADER_BYTES; at < listEnd; at = next(at)) {
            if (buffer.getUnsignedShort(at) == AttributeType.XOR_PEER_ADDRESS.code()
                    && decodeAt(AttributeType.XOR_PEER_ADDRESS, at) instanceof XorPeerAddress peer) {
                peers.add(peer);
            }
        }
        return peers;
    }

    /**
     * The first attribute whose value is ill-formed, empty if all are well; a request that has one deserves a 400. Of
     * duplicates only the first counts, except XOR-PEER-ADDRESS, of which every one does.
     */
    public Optional<AttributeType> illFormed() {
        for (int at = start + HEADER_BYTES; at < listEnd; at = next(at)) {
            AttributeType type = AttributeType.ofCode(buffer.getUnsignedShort(at));
            if (type != null && type != AttributeType.DATA && counts(type, at) && valueAt(type, at) == null) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /**
     * The comprehension-required types of this message that the agent does not understand (RFC 8489 section 6.3); those
     * after the integrity attribute are not among them.
     *
     * @param understood
     *            what the agent implements
     */
    public UnknownAttributes unknownRequired(Set<AttributeType> understood) {
        List<Integer> unknown = null;
        for (int at = start + HEADER_BYTES; at < listEnd; at = next(at)) {
            int code = buffer.getUnsignedShort(at);
            AttributeType type = AttributeType.ofCode(code);
            if (code < AttributeType.COMPREHENSION_OPTIONAL && (type == null || !understood.contains(type))) {
                unknown = unknown == null ? new ArrayList<>() : unknown;
                if (!unknown.contains(code) && unknown.size() < UnknownAttributes.MAX_REPORTED) {
                    unknown.add(code);
                }
            }
        }
        return unknown == null ? UnknownAttributes.NONE : new UnknownAttributes(unknown);
    }

    /** Whether MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256 is there. */
    public boolean hasIntegrity() {
        return has(AttributeType.MESSAGE_INTEGRITY) || has(AttributeType.MESSAGE_INTEGRITY_SHA256);
    }

    /**
     * Whether the integrity attribute of this algorithm is there, whole, and right, compared in constant time. A
     * truncated MESSAGE-INTEGRITY-SHA256 is wrong, because TURN does not allow it (RFC 8489 section 14.6).
     */
    public boolean verifies(IntegrityKey key, IntegrityAlgorithm algorithm) {
        AttributeType type = algorithm.attribute();
        if (!has(type) || valueLength(type) != algorithm.macBytes()) {
            return false;
        }
        byte[] expected = digester.hmac(buffer, start, headerIndex[type.ordinal()], key, algorithm);
        int difference = 0;
        for (int i = 0; i < algorithm.macBytes(); i++) {
            difference |= expected[i] ^ buffer.getByte(valueIndex(type) + i);
        }
        return difference == 0;
    }

    /** Whether FINGERPRINT is there and right (RFC 8489 section 14.7). */
    public boolean fingerprintMatches() {
        return has(AttributeType.FINGERPRINT) && buffer.getInt(valueIndex(AttributeType.FINGERPRINT)) == digester
                .fingerprint(buffer, start, headerIndex[AttributeType.FINGERPRINT.ordinal()]);
    }

    /** Whether there is a FINGERPRINT and it is wrong: such a packet is not STUN, or is broken. */
    public boolean fingerprintContradicts() {
        return has(AttributeType.FINGERPRINT) && !fingerprintMatches();
    }

    /** Address length of the first XOR-PEER-ADDRESS: 4 or 16; 0 if it is absent or ill-formed. */
    public int peerAddressBytes() {
        return has(AttributeType.XOR_PEER_ADDRESS)
                ? AddressValue.addressBytes(buffer,
                        valueIndex(AttributeType.XOR_PEER_ADDRESS), valueLength(AttributeType.XOR_PEER_ADDRESS))
                : 0;
    }

    /** Port of the first XOR-PEER-ADDRESS; -1 if it is absent or ill-formed. */
    public int peerPort() {
        return peerAddressBytes() == 0 ? -1 : AddressValue.xorPort(buffer, valueIndex(AttributeType.XOR_PEER_ADDRESS));
    }

    /** The IPv4 address of the first XOR-PEER-ADDRESS in network order; 0 if {@link #peerAddressBytes} is not 4. */
    public int peerIpv4() {
        return peerAddressBytes() == 4 ? AddressValue.xorIpv4(buffer, valueIndex(AttributeType.XOR_PEER_ADDRESS)) : 0;
    }

    /** Bytes 0 to 7 of the IPv6 address; 0 if {@link #peerAddressBytes} is not 16. */
    public long peerIpv6High() {
        return peerAddressBytes() == 16
                ? AddressValue.xorIpv6High(buffer, start, valueIndex(AttributeType.XOR_PEER_ADDRESS))
                : 0;
    }

    /** Bytes 8 to 15 of the IPv6 address; 0 if {@link #peerAddressBytes} is not 16. */
    public long peerIpv6Low() {
        return peerAddressBytes() == 16
                ? AddressValue.xorIpv6Low(buffer, start, valueIndex(AttributeType.XOR_PEER_ADDRESS))
                : 0;
    }

    /** Copies the peer's address, {@link #peerAddressBytes} long, into an array; answers that length. */
    public int copyPeerAddress(byte[] into, int at) {
        int bytes = peerAddressBytes();
        if (bytes != 0) {
            AddressValue.xorAddress(buffer, start, valueIndex(AttributeType.XOR_PEER_ADDRESS), into, at, bytes);
        }
        return bytes;
    }

    /** The first XOR-PEER-ADDRESS as a new socket address; null if it is absent or ill-formed. */
    public InetSocketAddress peerAddress() {
        return has(AttributeType.XOR_PEER_ADDRESS)
                ? AddressValue.decodeXor(buffer, start, valueIndex(AttributeType.XOR_PEER_ADDRESS),
                        valueLength(AttributeType.XOR_PEER_ADDRESS))
                : null;
    }

    /** Index in the wrapped buffer of DATA's first byte; -1 if DATA is absent. */
    public int dataIndex() {
        return has(AttributeType.DATA) ? valueIndex(AttributeType.DATA) : -1;
    }

    /** Length of DATA without padding; -1 if DATA is absent. */
    public int dataBytes() {
        return has(AttributeType.DATA) ? valueLength(AttributeType.DATA) : -1;
    }

    void copyTransactionId(ByteBuf out) {
        out.writeBytes(buffer, start + TRANSACTION_ID_OFFSET, TransactionId.BYTES);
    }

    /** Rounds up to the multiple of four that attributes are padded to (RFC 8489 section 14). */
    static int padded(int length) {
        return length + 3 & ~3;
    }

    private boolean counts(AttributeType type, int at) {
        return type == AttributeType.XOR_PEER_ADDRESS || headerIndex[type.ordinal()] == at;
    }

    private StunAttribute valueAt(AttributeType type, int at) {
        return headerIndex[type.ordinal()] == at ? first(type) : decodeAt(type, at);
    }

    private int next(int at) {
        return at + ATTRIBUTE_HEADER_BYTES + padded(buffer.getUnsignedShort(at + 2));
    }

    private StunAttribute decodeAt(AttributeType type, int at) {
        return type.decode(buffer, start, at + ATTRIBUTE_HEADER_BYTES, buffer.getUnsignedShort(at + 2));
    }

    private int valueIndex(AttributeType type) {
        return headerIndex[type.ordinal()] + ATTRIBUTE_HEADER_BYTES;
    }

    private int valueLength(AttributeType type) {
        return buffer.getUnsignedShort(headerIndex[type.ordinal()] + 2);
    }
}
