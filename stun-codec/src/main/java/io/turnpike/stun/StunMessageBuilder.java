package io.turnpike.stun;

import java.net.InetSocketAddress;

import io.netty.buffer.ByteBuf;

/**
 * Writes STUN messages into a buffer: begin, attributes in order, integrity, fingerprint. Confined to one thread and
 * reusable; it never owns the buffer.
 *
 * <p>
 * The header's length field is right after every step, so there is nothing to finish. Attributes may be written in any
 * order and number, also after the integrity attribute: a test must be able to say what no client should.
 */
public final class StunMessageBuilder {

    private final MessageDigester digester = new MessageDigester();
    private ByteBuf out;
    private int start;

    /** Begins a message at the buffer's writer index. */
    public StunMessageBuilder begin(ByteBuf buffer, StunMethod method, StunClass messageClass, TransactionId id) {
        writeHeader(buffer, method, messageClass);
        id.writeTo(out);
        return this;
    }

    /** As the other, with the transaction id in numbers: its first four bytes and its last eight. */
    public StunMessageBuilder begin(ByteBuf buffer, StunMethod method, StunClass messageClass, int idHigh, long idLow) {
        writeHeader(buffer, method, messageClass);
        out.writeInt(idHigh).writeLong(idLow);
        return this;
    }

    /** Begins the response of a class to a request, with the request's method and transaction id. */
    public StunMessageBuilder respond(ByteBuf buffer, StunFrame request, StunClass messageClass) {
        writeHeader(buffer, request.method(), messageClass);
        request.copyTransactionId(out);
        return this;
    }

    /** Begins an error response, with its ERROR-CODE. */
    public StunMessageBuilder respondError(ByteBuf buffer, StunFrame request, ErrorCode error) {
        return respond(buffer, request, StunClass.ERROR_RESPONSE).add(new ErrorCodeAttribute(error));
    }

    /** Adds an attribute with its padding. */
    public StunMessageBuilder add(StunAttribute attribute) {
        int header = beginAttribute(attribute.type().code());
        attribute.encode(out, start);
        return endAttribute(header);
    }

    /** Adds an attribute of any number and value, known or not, well-formed or not. */
    public StunMessageBuilder addRaw(int code, byte[] value) {
        int header = beginAttribute(code);
        out.writeBytes(value);
        return endAttribute(header);
    }

    /** Adds XOR-PEER-ADDRESS. */
    public StunMessageBuilder addPeer(InetSocketAddress peer) {
        int header = beginAttribute(AttributeType.XOR_PEER_ADDRESS.code());
        AddressValue.encodeXor(out, start, AddressValue.requireResolved(peer));
        return endAttribute(header);
    }

    /** Adds XOR-PEER-ADDRESS without allocating. */
    public StunMessageBuilder addPeer(Endpoint peer) {
        return peer.family() == AddressFamily.IPV4
                ? addPeer((int) peer.low(), peer.port())
                : addPeer(peer.high(), peer.low(), peer.port());
    }

    /** Adds XOR-PEER-ADDRESS of an IPv4 peer, address in network order, without allocating. */
    public StunMessageBuilder addPeer(int ipv4, int port) {
        int header = beginAttribute(AttributeType.XOR_PEER_ADDRESS.code());
        AddressValue.encodeXorIpv4(out, ipv4, port);
        return endAttribute(header);
    }

    /** Adds XOR-PEER-ADDRESS of an IPv6 peer, given as its two halves in network order, without allocating. */
    public StunMessageBuilder addPeer(long ipv6High, long ipv6Low, int port) {
        int header = beginAttribute(AttributeType.XOR_PEER_ADDRESS.code());
        AddressValue.encodeXorIpv6(out, start, ipv6High, ipv6Low, port);
        return endAttribute(header);
    }

    /** Adds DATA from a part of a buffer, whose indexes and reference count stay. */
    public StunMessageBuilder addData(ByteBuf payload, int index, int length) {
        int header = beginAttribute(AttributeType.DATA.code());
        out.writeBytes(payload, index, length);
        return endAttribute(header);
    }

    /** Adds DATA from what is readable in a buffer, whose indexes and reference count stay. */
    public StunMessageBuilder addData(ByteBuf payload) {
        return addData(payload, payload.readerIndex(), payload.readableBytes());
    }

    /**
     * Adds the header of a DATA attribute that ends the message and whose value and padding are sent from elsewhere; the
     * message's length counts them.
     */
    public StunMessageBuilder beginData(int dataBytes) {
        out.writeShort(AttributeType.DATA.code()).writeShort(dataBytes);
        out.setShort(start + 2, out.writerIndex() - start - StunFrame.HEADER_BYTES + StunFrame.padded(dataBytes));
        return this;
    }

    /** Adds the integrity attribute of the algorithm over everything before it (RFC 8489 sections 14.5 and 14.6). */
    public StunMessageBuilder integrity(IntegrityKey key, IntegrityAlgorithm algorithm) {
        byte[] hmac = digester.hmac(out, start, out.writerIndex(), key, algorithm);
        int header = beginAttribute(algorithm.attribute().code());
        out.writeBytes(hmac, 0, algorithm.macBytes());
        return endAttribute(header);
    }

    /** Adds FINGERPRINT, which must be last (RFC 8489 section 14.7). */
    public StunMessageBuilder fingerprint() {
        int value = digester.fingerprint(out, start, out.writerIndex());
        int header = beginAttribute(AttributeType.FINGERPRINT.code());
        out.writeInt(value);
        return endAttribute(header);
    }

    private void writeHeader(ByteBuf buffer, StunMethod method, StunClass messageClass) {
        out = buffer;
        start = buffer.writerIndex();
        out.writeShort(method.messageType(messageClass)).writeShort(0).writeInt(StunFrame.MAGIC_COOKIE);
    }

    private int beginAttribute(int code) {
        int header = out.writerIndex();
        out.writeShort(code).writeShort(0);
        return header;
    }

    private StunMessageBuilder endAttribute(int header) {
        int length = out.writerIndex() - header - StunFrame.ATTRIBUTE_HEADER_BYTES;
        out.setShort(header + 2, length);
        out.writeZero(StunFrame.padded(length) - length);
        out.setShort(start + 2, out.writerIndex() - start - StunFrame.HEADER_BYTES);
        return this;
    }
}
