package io.turnpike.node.transport.dtls;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/**
 * Meets clients that have no association: sends them a cookie and keeps nothing, until one shows it (RFC 6347 section
 * 4.2.1). Every method speaks of the datagram that was {@link #reads read} last. Confined to one event loop.
 */
public final class HelloDesk {
    /** Bytes of an answer; shorter than any ClientHello. */
    public static final int ANSWER_BYTES = HelloCookies.ANSWER_BYTES;

    /** The ClientHello with a cookie is a client's second message (RFC 6347 section 4.2.2). */
    private static final int AFTER_COOKIE = 1;

    private final DtlsServer server;
    private final HelloCookies cookies;
    private final ClientHello hello = new ClientHello();

    HelloDesk(DtlsServer server, HelloCookies cookies) {
        this.server = server;
        this.cookies = cookies;
    }

    /** Reads a datagram that begins with a ClientHello; false if it is malformed. */
    public boolean reads(ByteBuf datagram) {
        return hello.wrap(datagram);
    }

    /** Whether it is the first fragment of its ClientHello, or all of it. */
    public boolean isFirstFragment() {
        return hello.isFirst();
    }

    /** Whether it belongs to the ClientHello that this session began with. */
    public boolean isOf(DtlsSession session) {
        return !hello.isFirst() || hello.hasRandom(session.hello().random());
    }

    /** Whether it shows the cookie that was sent to this address. */
    public boolean isProven(InetSocketAddress client) {
        return hello.isFirst() && hello.messageSequence() == AFTER_COOKIE && cookies.accepts(hello, client);
    }

    /** Writes the HelloVerifyRequest with the cookie of this address. */
    public void writeAnswer(ByteBuf answer, InetSocketAddress client) {
        cookies.writeAnswer(answer, hello, client);
    }

    /**
     * Begins a session with a client whose cookie was right.
     *
     * @param wire takes datagrams for the client; called on the handshake's thread at first, on the loop later
     */
    public DtlsSession welcome(Consumer<ByteBuf> wire) {
        return new DtlsSession(server, new HelloAssembly(hello), wire);
    }

    /** Gives a further fragment to the session that it belongs to. */
    public void contribute(DtlsSession session) {
        session.hello().add(hello);
    }
}
