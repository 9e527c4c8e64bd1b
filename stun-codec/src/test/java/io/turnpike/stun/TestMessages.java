package io.turnpike.stun;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Messages and helpers that the codec's tests share. */
final class TestMessages {

    static final TransactionId ID = new TransactionId(0x01020304, 0x05060708090A0B0CL);
    static final LongTermKey KEY = LongTermKey.md5("alice", "turnpike", "secret");

    private TestMessages() {}

    static ByteBuf hex(String hex) {
        return Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
    }

    static String hex(ByteBuf buffer) {
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.getBytes(buffer.readerIndex(), bytes);
        return HexFormat.of().formatHex(bytes);
    }

    static ByteBuf vector(String name) {
        try (InputStream in = TestMessages.class.getResourceAsStream("/vectors/" + name + ".hex")) {
            return hex(new String(in.readAllBytes(), StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A Binding request, ready for attributes. */
    static StunMessageBuilder request(ByteBuf out) {
        return request(out, StunMethod.BINDING);
    }

    static StunMessageBuilder request(ByteBuf out, StunMethod method) {
        return new StunMessageBuilder().begin(out, method, StunClass.REQUEST, ID);
    }

    /** A frame over a message that must be well-formed. */
    static StunFrame frame(ByteBuf message) {
        StunFrame frame = new StunFrame();
        assertThat(frame.wrap(message)).isEqualTo(Malformed.NONE);
        return frame;
    }

    /** The value of an attribute on the wire, in a message with {@link #ID}, without header and padding. */
    static String wire(StunAttribute attribute) {
        ByteBuf message = Unpooled.buffer();
        request(message).add(attribute);
        int length = message.getUnsignedShort(StunFrame.HEADER_BYTES + 2);
        return hex(message.slice(StunFrame.HEADER_BYTES + StunFrame.ATTRIBUTE_HEADER_BYTES, length));
    }

    /** Decodes a value in a message with {@link #ID}; null if it is ill-formed, which the frame must say too. */
    static StunAttribute decoded(AttributeType type, String valueHex) {
        ByteBuf message = Unpooled.buffer();
        request(message).addRaw(type.code(), HexFormat.of().parseHex(valueHex));
        StunFrame frame = frame(message);
        StunAttribute value = frame.get(type.valueClass()).orElse(null);
        assertThat(frame.illFormed().isPresent()).isEqualTo(value == null);
        return value;
    }

    static InetSocketAddress address(String literal, int port) {
        try {
            InetAddress address = InetAddress.getByName(literal);
            return new InetSocketAddress(address, port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
