package io.turnpike.client;

import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;

import io.turnpike.stun.ChannelData;
import io.turnpike.stun.ChannelNumber;
import io.turnpike.stun.ConnectionId;
import io.turnpike.stun.ErrorCode;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.MobilityTicket;
import io.turnpike.stun.Octets;
import io.turnpike.stun.RequestedTransport;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import io.turnpike.stun.XorMappedAddress;

/**
 * A client of one TURN server over one connection, with at most one allocation.
 *
 * <p>
 * Methods may be called from any thread; futures complete, and the {@link DataListener} is called, on the client's event
 * loop, where nobody may block. An error response fails the future with {@link StunErrorException}, silence with
 * {@link StunTimeoutException}; the raw requests give every answer as it is. Permissions, channels and allocations are
 * not refreshed on their own: what is sent is what was asked for.
 */
public final class TurnClient implements AutoCloseable {

    private static final int MAX_CHALLENGES = 3;

    private final SecureRandom random = new SecureRandom();
    private final Channel channel;
    private final ClientConnection connection;
    private final ClientTransport transport;
    private final LongTermSession session;
    private final Supplier<CompletableFuture<TurnClient>> another;
    private final Runnable onClose;

    /**
     * @param another
     *            opens one more connection to the same server, with the same credentials
     */
    TurnClient(Channel channel, ClientConnection connection, ClientTransport transport, LongTermSession session,
            Supplier<CompletableFuture<TurnClient>> another, Runnable onClose) {
        this.channel = channel;
        this.connection = connection;
        this.transport = transport;
        this.session = session;
        this.another = another;
        this.onClose = onClose;
    }

    /** Begins the description of a client of this server. */
    public static TurnClientBuilder to(InetSocketAddress server) {
        return new TurnClientBuilder(server);
    }

    /** Asks for the address that the server sees (RFC 8489 section 14.2), without credentials. */
    public CompletableFuture<InetSocketAddress> binding() {
        return request(StunMethod.BINDING, request -> {}).thenApply(TurnClient::requireSuccess)
                .thenApply(answer -> answer.get(XorMappedAddress.class).map(XorMappedAddress::address).orElseThrow(
                        () -> new IllegalStateException("the Binding success response lacks XOR-MAPPED-ADDRESS")));
    }

    /** Allocates a relayed UDP address with the server's default lifetime (RFC 8656 section 7). */
    public CompletableFuture<Allocation> allocate() {
        return allocate(request -> {});
    }

    /** Allocates a relayed UDP address, with more attributes. */
    public CompletableFuture<Allocation> allocate(Consumer<StunMessageBuilder> attributes) {
        return signedRequest(StunMethod.ALLOCATE,
                request -> attributes.accept(request.add(new RequestedTransport(RequestedTransport.UDP))))
                .thenApply(TurnClient::requireSuccess).thenApply(Allocation::from);
    }

    /** Allocates a relayed TCP address (RFC 6062 section 4.1); only over TCP or TLS. */
    public CompletableFuture<Allocation> allocateTcp() {
        return allocateTcp(request -> {});
    }

    /** Allocates a relayed TCP address, with more attributes. */
    public CompletableFuture<Allocation> allocateTcp(Consumer<StunMessageBuilder> attributes) {
        return signedRequest(StunMethod.ALLOCATE,
                request -> attributes.accept(request.add(new RequestedTransport(RequestedTransport.TCP))))
                .thenApply(TurnClient::requireSuccess).thenApply(Allocation::from);
    }

    /**
     * Lets the relay connect to a peer from the relayed TCP address, and opens a connection for the data (RFC 6062
     * section 4.3).
     */
    public CompletableFuture<DataConnection> connect(InetSocketAddress peer) {
        return requestConnection(peer).thenCompose(this::accept);
    }

    /** Lets the relay connect to a peer; gives the id with which {@link #accept} opens a connection for the data. */
    public CompletableFuture<Integer> requestConnection(InetSocketAddress peer) {
        return signedRequest(StunMethod.CONNECT, request -> request.addPeer(peer)).thenApply(TurnClient::requireSuccess)
                .thenApply(answer -> answer.get(ConnectionId.class).map(ConnectionId::id).orElseThrow(
                        () -> new IllegalStateException("the Connect success response lacks CONNECTION-ID")));
    }

    /** Opens a connection for the data of a connection between relay and peer (RFC 6062 sections 4.3 and 4.4). */
    public CompletableFuture<DataConnection> accept(int connectionId) {
        // Signed from the start, as the control connection is (RFC 6062 section 4.3): some servers do not challenge here.
        return onLoop(() -> CompletableFuture.completedFuture(session.learnt()))
                .thenCompose(learnt -> another.get().thenCompose(data -> data.onLoop(() -> {
                    data.session.adopt(learnt);
                    return data.bindConnection(connectionId);
                }).whenComplete((bound, failure) -> {
                    if (failure != null) {
                        data.closeLater();
                    }
                })));
    }

    /**
     * Makes this whole connection, which must have no allocation, the data connection of a peer: afterwards nothing else
     * can be asked on it.
     */
    public CompletableFuture<DataConnection> bindConnection(int connectionId) {
        // All on the event loop, so that nothing is read between the response and the turn to raw bytes.
        return onLoop(() -> signedRequest(StunMethod.CONNECTION_BIND,
                request -> request.add(new ConnectionId(connectionId)), 0).thenApply(answer -> {
                    requireSuccess(answer);
                    return becomeRaw();
                }));
    }

    /** Replaces the listener for peers that connect to the relayed TCP address. */
    public CompletableFuture<Void> onConnectionAttempt(ConnectionAttemptListener listener) {
        return onLoop(() -> {
            connection.attempts(listener);
            return CompletableFuture.completedFuture(null);
        });
    }

    private DataConnection becomeRaw() {
        StreamFrameHandler frames = channel.pipeline().get(StreamFrameHandler.class);
        ByteBuf early = frames.remainder();
        channel.pipeline().remove(frames);
        channel.pipeline().remove(connection);
        return new DataConnection(channel, early, onClose);
    }

    private void closeLater() {
        channel.close().addListener(closed -> onClose.run());
    }

    /** Asks for more lifetime; zero ends the allocation (RFC 8656 section 8). Gives the lifetime that was granted. */
    public CompletableFuture<Duration> refresh(Duration lifetime) {
        return signedRequest(StunMethod.REFRESH, request -> request.add(new Lifetime(lifetime.toSeconds())))
                .thenApply(TurnClient::requireSuccess)
                .thenApply(answer -> Duration.ofSeconds(answer.get(Lifetime.class).map(Lifetime::seconds).orElse(0L)));
    }

    /**
     * Allocates a relayed UDP address that can be taken to another connection (RFC 8016 section 3.1.1); the allocation has
     * a ticket then.
     */
    public CompletableFuture<Allocation> allocateMovable() {
        return allocate(request -> request.add(new MobilityTicket(Octets.of())));
    }

    /**
     * Brings an allocation of the same user to this connection (RFC 8016 section 3.2.1). The server goes on serving the old
     * one until something is sent on this one, be it a {@link #refresh}.
     */
    public CompletableFuture<Move> resume(MobilityTicket ticket) {
        return signedRequest(StunMethod.REFRESH, request -> request.add(ticket)).thenApply(TurnClient::requireSuccess)
                .thenApply(Move::from);
    }

    /**
     * Takes this client's allocation to the connection of another one, which then knows its channels too.
     *
     * @param next
     *            a client of the same server and user, over any transport, without an allocation
     * @param ticket
     *            the last one that was received
     */
    public CompletableFuture<Move> moveTo(TurnClient next, MobilityTicket ticket) {
        Map<Integer, InetSocketAddress> channels = connection.channels();
        return next.onLoop(() -> {
            channels.forEach(next.connection::bound);
            return next.resume(ticket);
        });
    }

    /** Ends the allocation; an allocation that is gone already is no error (RFC 8656 section 8.3). */
    public CompletableFuture<Void> release() {
        return signedRequest(StunMethod.REFRESH, request -> request.add(new Lifetime(0))).thenAccept(answer -> {
            if (!answer.isError(ErrorCode.ALLOCATION_MISMATCH)) {
                requireSuccess(answer);
            }
        });
    }

    /** Lets these peers send, for 300 s (RFC 8656 section 10). */
    public CompletableFuture<Void> createPermission(InetSocketAddress... peers) {
        return signedRequest(StunMethod.CREATE_PERMISSION, request -> {
            for (InetSocketAddress peer : peers) {
                request.addPeer(peer);
            }
        }).thenAccept(TurnClient::requireSuccess);
    }

    /** Binds a channel to a peer, for 600 s, which also lets the peer send (RFC 8656 section 12). */
    public CompletableFuture<Void> channelBind(int channelNumber, InetSocketAddress peer) {
        return signedRequest(StunMethod.CHANNEL_BIND,
                request -> request.add(new ChannelNumber(channelNumber)).addPeer(peer)).thenAccept(answer -> {
                    requireSuccess(answer);
                    connection.bound(channelNumber, peer);
                });
    }

    /**
     * Sends data to a peer in a Send indication (RFC 8656 section 11.1).
     *
     * @param payload
     *            taken over and released
     * @return completes when the socket took it
     */
    public CompletableFuture<Void> sendIndication(InetSocketAddress peer, ByteBuf payload) {
        int payloadBytes = payload.readableBytes();
        ByteBuf message = channel.alloc().buffer(payloadBytes + 56);
        new StunMessageBuilder().begin(message, StunMethod.SEND, StunClass.INDICATION, TransactionId.random(random))
                .addPeer(peer).addData(payload);
        payload.release();
        return send(message, () -> connection.sendData(message, payloadBytes));
    }

    /**
     * Sends data to the peer of a channel (RFC 8656 section 12.5), padded on TCP only.
     *
     * @param payload
     *            taken over and released
     * @return completes when the socket took it
     */
    public CompletableFuture<Void> channelData(int channelNumber, ByteBuf payload) {
        int payloadBytes = payload.readableBytes();
        ByteBuf message = channel.alloc().buffer(ChannelData.wireBytes(payloadBytes, transport.isStream()));
        ChannelData.write(message, channelNumber, payload, transport.isStream());
        payload.release();
        return send(message, () -> connection.sendData(message, payloadBytes));
    }

    /**
     * Sends any request and gives any answer, unchecked: for tests that must be precise or hostile. A request that is
     * never answered fails with {@link StunTimeoutException}.
     *
     * @param attributes
     *            adds what the request shall hold, in order; nothing is added to it
     */
    public CompletableFuture<StunAnswer> request(StunMethod method, Consumer<StunMessageBuilder> attributes) {
        return request(method, TransactionId.random(random), attributes);
    }

    /** Like {@link #request(StunMethod, Consumer)}, with a chosen transaction id: a client may repeat itself. */
    public CompletableFuture<StunAnswer> request(StunMethod method, TransactionId id,
            Consumer<StunMessageBuilder> attributes) {
        byte[] message = message(method, StunClass.REQUEST, id, attributes);
        return onLoop(() -> connection.request(id, message, response -> true));
    }

    /**
     * Sends a request with the client's credentials, answering challenges, and gives the first answer that is none:
     * success, or a signed error, or a 401 to the right nonce.
     */
    public CompletableFuture<StunAnswer> signedRequest(StunMethod method, Consumer<StunMessageBuilder> attributes) {
        return onLoop(() -> signedRequest(method, attributes, 0));
    }

    /** Adds the client's USERNAME, REALM, NONCE and integrity to a raw request; call it on the event loop only. */
    public void sign(StunMessageBuilder request) {
        session.sign(request);
    }

    /** Sends bytes as they are, taken over and released. */
    public CompletableFuture<Void> sendRaw(ByteBuf bytes) {
        return send(bytes, () -> connection.sendControl(bytes));
    }

    /** Replaces the listener for what peers send. */
    public CompletableFuture<Void> onData(DataListener listener) {
        return onLoop(() -> {
            connection.listener(listener);
            return CompletableFuture.completedFuture(null);
        });
    }

    /** What was sent and received so far. */
    public TrafficCounters counters() {
        return connection.counters();
    }

    /** The client's own end of the connection. */
    public InetSocketAddress localAddress() {
        return (InetSocketAddress) channel.localAddress();
    }

    /** Whether the connection is open; a server ends a TCP connection that it cannot read. */
    public boolean isOpen() {
        return channel.isActive();
    }

    /** Completes when the connection is closed, by whichever side. */
    public CompletableFuture<Void> closed() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        channel.closeFuture().addListener(future -> closed.complete(null));
        return closed;
    }

    /** Closes the connection, without ending the allocation; returns when it is closed. */
    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
        onClose.run();
    }

    private CompletableFuture<StunAnswer> signedRequest(StunMethod method, Consumer<StunMessageBuilder> attributes,
            int challenges) {
        TransactionId id = TransactionId.random(random);
        boolean signed = session.isChallenged();
        byte[] message = message(method, StunClass.REQUEST, id, request -> {
            attributes.accept(request);
            if (signed) {
                session.sign(request);
            }
        });
        return connection.request(id, message, response -> !signed || session.accepts(response))
                .thenCompose(answer -> {
                    boolean wrongPassword = signed && answer.isError(ErrorCode.UNAUTHENTICATED);
                    boolean challenge = answer.isError(ErrorCode.UNAUTHENTICATED)
                            || answer.isError(ErrorCode.STALE_NONCE);
                    if (!challenge || wrongPassword || challenges == MAX_CHALLENGES) {
                        return CompletableFuture.completedFuture(answer);
                    }
                    return session.learn(answer)
                            .map(problem -> CompletableFuture
                                    .<StunAnswer>failedFuture(new IllegalStateException(problem)))
                            .orElseGet(() -> signedRequest(method, attributes, challenges + 1));
                });
    }

    private static byte[] message(StunMethod method, StunClass messageClass, TransactionId id,
            Consumer<StunMessageBuilder> attributes) {
        ByteBuf message = Unpooled.buffer();
        attributes.accept(new StunMessageBuilder().begin(message, method, messageClass, id));
        return ByteBufUtil.getBytes(message);
    }

    private static StunAnswer requireSuccess(StunAnswer answer) {
        if (!answer.isSuccess()) {
            throw new StunErrorException(answer);
        }
        return answer;
    }

    /** Runs the step, which takes the message over; releases it if the client is closed. */
    private CompletableFuture<Void> send(ByteBuf message, Supplier<CompletableFuture<Void>> step) {
        try {
            return callOnLoop(step);
        } catch (RejectedExecutionException e) {
            message.release();
            return CompletableFuture.failedFuture(new ClosedChannelException());
        }
    }

    private <T> CompletableFuture<T> onLoop(Supplier<CompletableFuture<T>> step) {
        try {
            return callOnLoop(step);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(new ClosedChannelException());
        }
    }

    private <T> CompletableFuture<T> callOnLoop(Supplier<CompletableFuture<T>> step) {
        return channel.eventLoop().inEventLoop()
                ? step.get()
                : CompletableFuture.supplyAsync(step, channel.eventLoop()).thenCompose(stage -> stage);
    }
}
