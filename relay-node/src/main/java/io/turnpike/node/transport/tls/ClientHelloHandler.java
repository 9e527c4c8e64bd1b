package io.turnpike.node.transport.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslClientHelloHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.util.function.Predicate;
import javax.net.ssl.SSLHandshakeException;

/**
 * Waits for the whole ClientHello, within a bound, and puts TLS in its own place. Until then a connection costs no TLS
 * state, so that one that never says hello is as cheap as any other.
 */
final class ClientHelloHandler extends SslClientHelloHandler<ClientHello> {
    /** Enough for post-quantum key shares and long tickets. */
    private static final int MOST_HELLO_BYTES = 16 * 1024;
    /** TLS record of one fatal alert: no_application_protocol (RFC 7301 section 3.2). */
    private static final byte[] NO_APPLICATION_PROTOCOL = {21, 3, 3, 0, 2, 2, 120};

    private final TlsContexts contexts;
    private final Predicate<ClientHello> admission;

    /**
     * Begins TLS.
     *
     * @param contexts make the rest of the handshake
     * @param admission asked once, when the hello is there; the connection is closed if it says no
     */
    ClientHelloHandler(TlsContexts contexts, Predicate<ClientHello> admission) {
        super(MOST_HELLO_BYTES);
        this.contexts = contexts;
        this.admission = admission;
    }

    @Override
    protected Future<ClientHello> lookup(ChannelHandlerContext ctx, ByteBuf clientHello) {
        return ctx.executor().newSucceededFuture(ClientHello.read(clientHello.slice()));
    }

    @Override
    protected void onLookupComplete(ChannelHandlerContext ctx, Future<ClientHello> future) {
        ClientHello hello = future.getNow();
        if (!hello.allowsTurn()) {
            ctx.writeAndFlush(ctx.alloc().buffer(NO_APPLICATION_PROTOCOL.length).writeBytes(NO_APPLICATION_PROTOCOL))
                    .addListener(ChannelFutureListener.CLOSE);
            ctx.fireUserEventTriggered(new SslHandshakeCompletionEvent(
                    new SSLHandshakeException("the client speaks none of " + TlsContexts.APPLICATION_PROTOCOLS)));
        } else if (admission.test(hello)) {
            ctx.pipeline().replace(this, "tls",
                    contexts.newHandler(ctx.alloc(), hello.serverName().orElse(null)));
        } else {
            ctx.close();
        }
    }
}
