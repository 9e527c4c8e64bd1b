package io.turnpike.node.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;

class ClientHelloTest {
    private static final int RECORD_AND_HANDSHAKE_HEADER_BYTES = 5 + 4;

    @Test
    void readsServerNameAndProtocols() throws Exception {
        ClientHello hello = ClientHello.read(helloOf("turn.example", "h2", "stun.turn"));

        assertThat(hello.serverName()).contains("turn.example");
        assertThat(hello.protocols()).containsExactly("h2", "stun.turn");
        assertThat(hello.allowsTurn()).isTrue();
    }

    @Test
    void takesAClientWithoutExtensionsForOneThatWantsTurn() throws Exception {
        ClientHello hello = ClientHello.read(helloOf(null));

        assertThat(hello.serverName()).isEmpty();
        assertThat(hello.protocols()).isEmpty();
        assertThat(hello.allowsTurn()).isTrue();
    }

    @Test
    void refusesAClientOfForeignProtocolsOnly() throws Exception {
        assertThat(ClientHello.read(helloOf(null, "h2", "http/1.1")).allowsTurn()).isFalse();
        assertThat(ClientHello.read(helloOf(null, "stun.nat-discovery")).allowsTurn()).isTrue();
    }

    @Test
    void neverThrowsWhateverTheBytes() throws Exception {
        Random random = new Random(20261122);
        byte[] seed = new byte[2048];
        ByteBuf hello = helloOf("turn.example", "stun.turn", "h2");
        int length = hello.readableBytes();
        hello.readBytes(seed, 0, length);
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = seed.clone();
            for (int flips = random.nextInt(8); flips >= 0; flips--) {
                bytes[random.nextInt(length)] = (byte) random.nextInt(256);
            }
            ClientHello read = ClientHello.read(Unpooled.wrappedBuffer(bytes, 0, random.nextInt(length + 1)));
            assertThat(read.serverName().orElse("").length()).isLessThanOrEqualTo(253);
        }
    }

    /** What the JDK says hello with. */
    private static ByteBuf helloOf(String serverName, String... protocols) throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        if (serverName != null) {
            parameters.setServerNames(List.of(new SNIHostName(serverName)));
        }
        engine.setSSLParameters(parameters);
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.beginHandshake();
        engine.wrap(ByteBuffer.allocate(0), record);
        record.flip();
        return Unpooled.wrappedBuffer(record).skipBytes(RECORD_AND_HANDSHAKE_HEADER_BYTES);
    }
}
