package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.transport.dtls.DtlsSession;
import io.turnpike.node.transport.dtls.HelloDesk;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.TransportAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * What a client's address and port have of DTLS: a session that is open, one whose handshake is in progress, or both,
 * while a client that has lost its keys makes new ones; the old session stays until the new one is proven (RFC 6347
 * section 4.2.8), so that nobody can end it who cannot answer from its address. It ends with its session, and without an
 * allocation after a while. Confined to the event loop.
 */
final class DtlsAssociation {
    private static final int EPOCH_INDEX = 3;
    private static final int HEADER_BYTES = 13;
    private static final int CHECKS_WITHOUT_ALLOCATION = 2;

    private final DtlsAssociations all;
    private final TransportAddress client;
    private final ScheduledFuture<?> check;
    private DtlsSession pending;
    private DtlsSession open;
    private DtlsClientLeg leg;
    private boolean newcomer = true;
    private boolean left;
    private int checksWithoutAllocation;

    /** @param client was admitted as a newcomer */
    DtlsAssociation(DtlsAssociations all, TransportAddress client) {
        this.all = all;
        this.client = client;
        long period = all.config().newcomerTimeout().toNanos() / CHECKS_WITHOUT_ALLOCATION;
        check = all.loop().eventLoop().scheduleWithFixedDelay(this::closeIfUseless, period, period,
                TimeUnit.NANOSECONDS);
    }

    /** Begins a session with a client whose cookie was right; an open one stays until the handshake has succeeded. */
    void greet(DtlsSession session) {
        if (pending != null) {
            pending.abandon();
        }
        pending = session;
        startIfGreeted();
    }

    /** Whether the ClientHello belongs to a session that is here already. */
    boolean knows(HelloDesk desk) {
        return desk.isOf(pending != null ? pending : open);
    }

    /** A further fragment of the hello, or the same once more, because the answer to it was lost. */
    void helloAgain(HelloDesk desk, ByteBuf datagram) {
        if (pending != null && !pending.isGreeted()) {
            desk.contribute(pending);
            startIfGreeted();
        } else {
            records(datagram);
        }
    }

    private void startIfGreeted() {
        if (!pending.isGreeted()) {
            return;
        }
        DtlsSession session = pending;
        if (!session.start(client.socketAddress().getAddress(), success -> ended(session, success))) {
            all.messages().drop(DropReason.TOO_MANY_HANDSHAKES);
            giveUp(session);
        }
    }

    /** Called on the handshake's thread. */
    private void ended(DtlsSession session, boolean success) {
        try {
            all.loop().execute(() -> {
                if (success) {
                    succeeded(session);
                } else {
                    failed(session);
                }
            });
        } catch (RejectedExecutionException e) {
            session.abandon();
        }
    }

    private void failed(DtlsSession session) {
        if (pending == session) {
            all.messages().drop(DropReason.TLS_HANDSHAKE_FAILED);
        }
        giveUp(session);
    }

    private void giveUp(DtlsSession session) {
        session.abandon();
        if (pending == session) {
            pending = null;
            if (open == null) {
                leave();
            }
        }
    }

    private void succeeded(DtlsSession session) {
        if (pending != session || left) {
            session.abandon();
            return;
        }
        if (open != null) {
            open.abandon();
            all.messages().disconnected(leg);
        }
        session.open();
        pending = null;
        open = session;
        checksWithoutAllocation = 0;
        leg = new DtlsClientLeg(new FiveTuple(ClientTransport.DTLS, client.socketAddress(), all.server()), all.socket(),
                session,
                all.tenantOf(session.serverName()), all.messages().drops(), all.scratch(), this::close);
        session.receivePending(all.scratch(), this::message);
        closeIfOver();
    }

    /** Takes a datagram of records; the caller releases it. */
    void records(ByteBuf datagram) {
        boolean plaintext = datagram.readableBytes() > HEADER_BYTES
                && datagram.getUnsignedShort(datagram.readerIndex() + EPOCH_INDEX) == 0;
        // Plaintext belongs to a handshake in progress; what is encrypted, to whoever can read it.
        boolean genuine = open != null && !(plaintext && pending != null)
                && open.receive(datagram, all.scratch(), this::message);
        if (!genuine && (pending == null || !pending.offer(datagram))) {
            all.messages().drop(DropReason.DTLS_RECORD_REFUSED);
        }
        closeIfOver();
    }

    private void message(byte[] bytes, int length) {
        // Relayed data waits in a socket's queue for longer than the scratch is ours.
        ByteBuf message = all.loop().buffers().buffer(length).writeBytes(bytes, 0, length);
        try {
            all.messages().message(message, leg);
        } finally {
            message.release();
        }
        if (newcomer && all.messages().hasAllocation(leg)) {
            welcome();
        }
    }

    private void closeIfOver() {
        if (open == null || !open.isClosed()) {
            return;
        }
        open = null;
        all.messages().disconnected(leg);
        if (pending == null) {
            leave();
        }
    }

    /** Ends it, with a word to the client; an allocation ends with it. */
    private void close() {
        DtlsClientLeg closing = leg;
        leave();
        all.messages().disconnected(closing);
    }

    /** Ends it, with a word to the client, and leaves an allocation to whoever ends it. */
    void leave() {
        if (left) {
            return;
        }
        left = true;
        all.forget(client);
        check.cancel(false);
        if (newcomer) {
            welcome();
        }
        if (pending != null) {
            pending.abandon();
        }
        if (open != null) {
            open.close();
        }
    }

    /** It is counted among the newcomers no longer. */
    private void welcome() {
        newcomer = false;
        all.newcomers().leave(client.socketAddress().getAddress());
    }

    private void closeIfUseless() {
        if (open != null && all.messages().hasAllocation(leg)) {
            checksWithoutAllocation = 0;
        } else if (++checksWithoutAllocation == CHECKS_WITHOUT_ALLOCATION) {
            all.messages().drop(DropReason.CONNECTION_TIMEOUT);
            if (open == null) {
                leave();
            } else {
                close();
            }
        }
    }
}
