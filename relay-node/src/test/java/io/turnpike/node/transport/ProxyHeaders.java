package io.turnpike.node.transport;

import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes PROXY headers as proxies do, and as they must not. */
final class ProxyHeaders {
    static final int LOCAL = 0x20;
    static final int PROXY = 0x21;
    static final int UNSPECIFIED = 0x00;
    static final int TCP4 = 0x11;
    static final int UDP4 = 0x12;
    static final int TCP6 = 0x21;
    static final int UNIX = 0x31;
    private static final byte[] SIGNATURE = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};

    private ProxyHeaders() {}

    static byte[] line(String text) {
        return (text + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    static byte[] line(InetSocketAddress client, InetSocketAddress server) {
        boolean ipv4 = client.getAddress().getAddress().length == Integer.BYTES;
        return line("PROXY " + (ipv4 ? "TCP4 " : "TCP6 ") + client.getAddress().getHostAddress() + " "
                + server.getAddress().getHostAddress() + " " + client.getPort() + " " + server.getPort());
    }

    /** @param behind the addresses and TLVs */
    static byte[] binary(int command, int family, byte[] behind) {
        return ByteBuffer.allocate(16 + behind.length).put(SIGNATURE).put((byte) command).put((byte) family)
                .putShort((short) behind.length).put(behind).array();
    }

    static byte[] binary(InetSocketAddress client, InetSocketAddress server, byte... tlvs) {
        ByteArrayOutputStream behind = new ByteArrayOutputStream();
        behind.writeBytes(client.getAddress().getAddress());
        behind.writeBytes(server.getAddress().getAddress());
        behind.writeBytes(ByteBuffer.allocate(4).putShort((short) client.getPort()).putShort((short) server.getPort())
                .array());
        behind.writeBytes(tlvs);
        return binary(PROXY, client.getAddress().getAddress().length == Integer.BYTES ? TCP4 : TCP6,
                behind.toByteArray());
    }
}
