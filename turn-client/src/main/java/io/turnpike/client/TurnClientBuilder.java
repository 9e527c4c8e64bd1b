package io.turnpike.client;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

import io.turnpike.stun.PasswordHash;

/** Describes a {@link TurnClient} and connects it. */
public final class TurnClientBuilder {

    /** First retransmission interval (RFC 8489 section 6.2.1). */
    private static final Duration DEFAULT_RTO = Duration.ofMillis(500);
    private static final int MAX_DATAGRAM_BYTES = 65535;
    private static final int UDP_RECEIVE_BUFFER_BYTES = 1 << 20;

    private final InetSocketAddress server;
    private ClientTransport transport = ClientTransport.UDP;
    private Credentials credentials = new Credentials("", "");
    private PasswordHash onlyHash;
    private boolean legacy;
    private Duration rto = DEFAULT_RTO;
    private DataListener listener = DataListener.NONE;
    private ConnectionSecurity chosenSecurity;
    private InetSocketAddress local;
    private EventLoopGroup group;

    TurnClientBuilder(InetSocketAddress server) {
        this.server = server;
    }

    /** UDP unless said otherwise. */
    public TurnClientBuilder transport(ClientTransport value) {
        transport = value;
        return this;
    }

    /** The long-term credential; without one only unsigned requests work. */
    public TurnClientBuilder credentials(String username, String password) {
        credentials = new Credentials(username, password);
        return this;
    }

    /** Uses only this one of the server's password algorithms, instead of the first that it names. */
    public TurnClientBuilder passwordHash(PasswordHash hash) {
        onlyHash = hash;
        return this;
    }

    /** Acts as an RFC 5389 client: MD5 and MESSAGE-INTEGRITY, whatever the server offers. */
    public TurnClientBuilder legacyIntegrity() {
        legacy = true;
        return this;
    }

    /** The first retransmission interval, 500 ms unless said otherwise; time-outs are 79 times that (39.5 s). */
    public TurnClientBuilder rto(Duration value) {
        rto = value;
        return this;
    }

    /** Gets what peers send. */
    public TurnClientBuilder onData(DataListener value) {
        listener = value;
        return this;
    }

    /** Puts encryption under the protocol; TLS is {@link TlsSecurity#system()} unless said otherwise. */
    public TurnClientBuilder security(ConnectionSecurity value) {
        chosenSecurity = value;
        return this;
    }

    /** The address to send from; any free port unless said otherwise. */
    public TurnClientBuilder localAddress(InetSocketAddress value) {
        local = value;
        return this;
    }

    /** NIO event loops to share with other clients; without them the client makes one of its own, and ends it. */
    public TurnClientBuilder eventLoops(EventLoopGroup value) {
        group = value;
        return this;
    }

    /** Opens the socket and, over TCP, connects. */
    public CompletableFuture<TurnClient> connect() {
        EventLoopGroup loops = group != null ? group : new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Runnable onClose = group != null ? () -> {} : () -> loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        ConnectionSecurity security = security();
        ClientConnection connection = new ClientConnection(transport.isStream(), rto, listener);
        Bootstrap bootstrap = bootstrap(loops).handler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                security.install(channel, server);
                channel.pipeline().addLast(
                        messages(), connection);
            }
        });
        CompletableFuture<TurnClient> connected = new CompletableFuture<>();
        bootstrap.connect(server, local).addListener((ChannelFutureListener) future -> {
            if (!future.isSuccess()) {
                onClose.run();
                connected.completeExceptionally(future.cause());
                return;
            }
            Channel channel = future.channel();
            security.established(channel).addListener(established -> {
                if (established.isSuccess()) {
                    connected.complete(new TurnClient(channel, connection, transport,
                            new LongTermSession(credentials, onlyHash, legacy), this::connectAgain, onClose));
                } else {
                    channel.close();
                    onClose.run();
                    connected.completeExceptionally(established.cause());
                }
            });
        });
        return connected;
    }

    /** Cuts or unwraps messages, where the security has not done it. */
    private ChannelHandler messages() {
        return switch (transport) {
            case TCP, TLS -> new StreamFrameHandler();
            case UDP -> new DatagramUnwrapHandler();
            case DTLS -> new ChannelInboundHandlerAdapter();
        };
    }

    private ConnectionSecurity security() {
        if (chosenSecurity != null) {
            return chosenSecurity;
        }
        return switch (transport) {
            case UDP, TCP -> ConnectionSecurity.NONE;
            case TLS -> TlsSecurity.system();
            case DTLS -> DtlsSecurity.system();
        };
    }

    /** A connection of its own for the data of a TCP peer: from another port, on loops of its own unless they are shared. */
    private CompletableFuture<TurnClient> connectAgain() {
        TurnClientBuilder again = new TurnClientBuilder(server).transport(transport).rto(rto).security(security());
        again.credentials = credentials;
        again.onlyHash = onlyHash;
        again.legacy = legacy;
        again.group = group;
        again.local = local == null ? null : new InetSocketAddress(local.getAddress(), 0);
        return again.connect();
    }

    private Bootstrap bootstrap(EventLoopGroup loops) {
        Bootstrap bootstrap = new Bootstrap().group(loops);
        if (transport.isStream()) {
            return bootstrap.channel(NioSocketChannel.class).option(ChannelOption.TCP_NODELAY, true);
        }
        return bootstrap.channel(NioDatagramChannel.class)
                .option(ChannelOption.SO_RCVBUF, UDP_RECEIVE_BUFFER_BYTES)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(MAX_DATAGRAM_BYTES));
    }
}
