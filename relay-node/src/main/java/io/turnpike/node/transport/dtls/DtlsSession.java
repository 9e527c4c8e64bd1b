package io.turnpike.node.transport.dtls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.util.Optional;
import java.util.function.Consumer;
import org.bouncycastle.tls.DTLSRequest;
import org.bouncycastle.tls.DTLSServerProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.DatagramTransport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's end of one DTLS association. Its handshake blocks a thread of {@link HandshakeThreads}; once that has
 * succeeded, {@link #open()} moves it to its event loop for good, where no call of it waits: the library is given the
 * one datagram that is there and told that there is no other. Confined to the loop but for that.
 */
public final class DtlsSession {
    /** The largest application data of one record (RFC 5246 section 6.2.1). */
    public static final int MAX_PLAINTEXT_BYTES = 1 << 14;
    /** Handshake messages are cut so that their datagrams pass every IPv6 path: 1280 bytes less IP and UDP headers. */
    static final int HANDSHAKE_DATAGRAM_BYTES = 1232;

    private static final Logger LOG = LoggerFactory.getLogger(DtlsSession.class);
    private static final int UNTIL_DATAGRAMS_END = 0;
    private static final int MAX_DATAGRAM_BYTES = 65_507;
    private static final InterruptedIOException NO_MORE = new NoMore();

    private final DtlsServer server;
    private final HelloAssembly hello;
    private final HandshakeInbox inbox = new HandshakeInbox();
    private final Consumer<ByteBuf> wire;
    private final Link link = new Link();
    private ServerPeer peer;
    private DTLSTransport records;
    private boolean open;
    private volatile boolean closed;
    private boolean accepted;

    DtlsSession(DtlsServer server, HelloAssembly hello, Consumer<ByteBuf> wire) {
        this.server = server;
        this.hello = hello;
        this.wire = wire;
    }

    HelloAssembly hello() {
        return hello;
    }

    /** Whether the client's hello is there as a whole, so that the handshake can begin. */
    public boolean isGreeted() {
        return hello.isComplete();
    }

    /**
     * Begins the handshake on a thread of its own.
     *
     * @param client its network may have only so many handshakes in progress
     * @param onEnd told on the handshake's thread how it ended: well, if it is to be opened
     * @return false if there are too many, or the hello makes no sense
     */
    public boolean start(InetAddress client, Consumer<Boolean> onEnd) {
        DTLSRequest request = hello.toRequest();
        return request != null && server.threads().start(client, () -> onEnd.accept(shakeHands(request)));
    }

    /** Runs the handshake to its end; a client with which it fails was told so. */
    private boolean shakeHands(DTLSRequest request) {
        try {
            peer = server.peer();
            records = new DTLSServerProtocol().accept(peer, link, request);
            return true;
        } catch (IOException e) {
            LOG.trace("handshake failed", e);
            return false;
        }
    }

    /** Takes a datagram for the handshake; the caller releases it. False if there is no room for it. */
    public boolean offer(ByteBuf datagram) {
        return inbox.offer(datagram);
    }

    /** Goes on on the event loop, on which this is called after the handshake has succeeded. */
    public void open() {
        open = true;
    }

    /** The name by which the client asked for this server; only after {@link #open()}. */
    public Optional<String> serverName() {
        return peer.serverName();
    }

    /**
     * Opens what came while the handshake was ending.
     *
     * @param scratch at least {@link #MAX_PLAINTEXT_BYTES} long, used during the call only
     */
    public void receivePending(byte[] scratch, Receiver receiver) {
        receive(null, scratch, receiver);
        try {
            for (byte[] next = inbox.poll(0); next != null && !closed; next = inbox.poll(0)) {
                receive(Unpooled.wrappedBuffer(next), scratch, receiver);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Opens the records of a datagram; the caller releases it. Records that are forged, repeated or out of place are left
     * out (RFC 6347 section 4.1.2.7).
     *
     * @param scratch at least {@link #MAX_PLAINTEXT_BYTES} long, used during the call only
     * @return whether any record was genuine
     */
    public boolean receive(ByteBuf datagram, byte[] scratch, Receiver receiver) {
        accepted = false;
        link.next(datagram);
        try {
            while (!closed) {
                int bytes = records.receive(scratch, 0, scratch.length, UNTIL_DATAGRAMS_END,
                        flags -> accepted = true);
                if (bytes >= 0 && !closed) {
                    receiver.received(scratch, bytes);
                }
            }
        } catch (InterruptedIOException e) {
            // The datagram is used up.
        } catch (IOException e) {
            closed = true;
        } finally {
            link.next(null);
        }
        return accepted;
    }

    /**
     * Makes one record of the plaintext.
     *
     * @return the datagram, or null if the association is over
     */
    public ByteBuf seal(byte[] plaintext, int offset, int length) {
        if (closed) {
            return null;
        }
        link.keep = true;
        try {
            records.send(plaintext, offset, length);
            return link.takeKept();
        } catch (IOException e) {
            closed = true;
            return null;
        } finally {
            link.keep = false;
        }
    }

    /** Whether it is over: the client or an error has ended it. */
    public boolean isClosed() {
        return closed;
    }

    /** Ends it without a word: the client has forgotten its keys. */
    public void abandon() {
        inbox.close();
        closed = true;
    }

    /** Ends it; an open one tells the client (RFC 5246 section 7.2.1), a handshake is left alone. */
    public void close() {
        inbox.close();
        if (open && !closed) {
            try {
                records.close();
            } catch (IOException e) {
                // The client will find out.
            }
        }
        closed = true;
    }

    /** Takes what a record held. */
    @FunctionalInterface
    public interface Receiver {
        /** Called with bytes that are good until it returns. */
        void received(byte[] bytes, int length);
    }

    /** Says that there is no other datagram; thrown with every datagram, so it is made once and has no stack. */
    private static final class NoMore extends InterruptedIOException {
        private static final long serialVersionUID = 1L;

        @Override
        public Throwable fillInStackTrace() {
            return this;
        }
    }

    /** The network as the library sees it. */
    private final class Link implements DatagramTransport {
        private ByteBuf datagram;
        private int receiveLimit = HandshakeInbox.MAX_DATAGRAM_BYTES;
        private boolean keep;
        private ByteBuf kept;

        void next(ByteBuf next) {
            datagram = next;
            if (next != null) {
                receiveLimit = next.readableBytes();
            }
        }

        ByteBuf takeKept() {
            ByteBuf sealed = kept;
            kept = null;
            return sealed;
        }

        @Override
        public int getReceiveLimit() {
            return receiveLimit;
        }

        @Override
        public int getSendLimit() {
            return open ? MAX_DATAGRAM_BYTES : HANDSHAKE_DATAGRAM_BYTES;
        }

        @Override
        public int receive(byte[] buffer, int offset, int length, int waitMillis) throws IOException {
            return open ? receiveNow(buffer, offset, length) : await(buffer, offset, length, waitMillis);
        }

        private int receiveNow(byte[] buffer, int offset, int length) throws IOException {
            if (datagram == null) {
                throw NO_MORE;
            }
            int bytes = Math.min(length, datagram.readableBytes());
            datagram.getBytes(datagram.readerIndex(), buffer, offset, bytes);
            datagram = null;
            return bytes;
        }

        private int await(byte[] buffer, int offset, int length, int waitMillis) throws IOException {
            try {
                byte[] next = inbox.poll(0);
                if (next == null && !inbox.isClosed()) {
                    server.threads().pause();
                    try {
                        next = inbox.poll(waitMillis);
                    } finally {
                        server.threads().resume();
                    }
                }
                if (inbox.isClosed()) {
                    throw new InterruptedIOException("the handshake was given up");
                }
                if (next == null) {
                    return -1;
                }
                int bytes = Math.min(length, next.length);
                System.arraycopy(next, 0, buffer, offset, bytes);
                return bytes;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("the handshake was interrupted");
            }
        }

        @Override
        public void send(byte[] buffer, int offset, int length) {
            if (keep) {
                kept = Unpooled.wrappedBuffer(buffer, offset, length);
            } else if (open || !inbox.isClosed()) {
                // A handshake that was given up says no word: its plaintext alert would end the one that follows it.
                wire.accept(Unpooled.copiedBuffer(buffer, offset, length));
            }
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
