package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.turnpike.node.config.DtlsConfig;
import io.turnpike.node.transport.dtls.ClientHello;
import io.turnpike.node.transport.dtls.DtlsSession;
import io.turnpike.node.transport.dtls.HelloDesk;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AddressMap;
import io.turnpike.stun.TransportAddress;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;

/**
 * The DTLS associations of one listener on one event loop, by client address. A client gets an entry when it has shown the
 * cookie that was sent to its address, and not before (RFC 6347 section 4.2.1). Confined to the loop.
 */
final class DtlsAssociations {
    private final RelayLoop loop;
    private final ClientMessages messages;
    private final UdpSocket socket;
    private final InetSocketAddress server;
    private final Optional<String> tenant;
    private final DtlsListening listening;
    private final HelloDesk desk;
    private final byte[] scratch = new byte[DtlsSession.MAX_PLAINTEXT_BYTES];
    private final AddressMap<DtlsAssociation> byClient = new AddressMap<>();

    /**
     * @param server the listener's address
     * @param tenant default tenant of the listener's clients
     * @param listening what the node's DTLS listeners share
     */
    DtlsAssociations(ClientMessages messages, UdpSocket socket, InetSocketAddress server,
            Optional<String> tenant, DtlsListening listening) {
        this.loop = socket.loop();
        this.messages = messages;
        this.socket = socket;
        this.server = server;
        this.tenant = tenant;
        this.listening = listening;
        desk = listening.server().desk(System::nanoTime);
    }

    /** Takes a datagram; the caller releases it. */
    void receive(ByteBuf datagram, TransportAddress client) {
        DtlsAssociation known = byClient.get(client);
        if (ClientHello.begins(datagram)) {
            hello(datagram, client, known);
        } else if (known != null) {
            known.records(datagram);
        } else {
            messages.drop(DropReason.DTLS_UNKNOWN_ASSOCIATION);
        }
    }

    private void hello(ByteBuf datagram, TransportAddress client, DtlsAssociation known) {
        if (!desk.reads(datagram)) {
            messages.drop(DropReason.DTLS_RECORD_REFUSED);
        } else if (known != null && known.knows(desk)) {
            known.helloAgain(desk, datagram);
        } else if (!desk.isFirstFragment()) {
            messages.drop(DropReason.DTLS_UNKNOWN_ASSOCIATION);
        } else if (!desk.isProven(client.socketAddress())) {
            askForCookie(client);
        } else if (known != null) {
            known.greet(desk.welcome(datagramOut -> send(datagramOut, client)));
        } else {
            admit(client);
        }
    }

    private void askForCookie(TransportAddress client) {
        if (!socket.isWritable() || !listening.answers().admit(client.socketAddress(), false)) {
            messages.drop(DropReason.DTLS_HELLO_UNANSWERED);
            return;
        }
        ByteBuf answer = loop.buffers().buffer(HelloDesk.ANSWER_BYTES);
        desk.writeAnswer(answer, client.socketAddress());
        socket.sendControl(answer, client);
    }

    private void admit(TransportAddress client) {
        if (!listening.newcomers().admit(client.socketAddress().getAddress())) {
            messages.drop(DropReason.TOO_MANY_CONNECTIONS);
            return;
        }
        DtlsAssociation association = new DtlsAssociation(this, client);
        byClient.put(client, association);
        association.greet(desk.welcome(datagramOut -> send(datagramOut, client)));
    }

    /** Sends a datagram that the library made; called on a handshake's thread too. */
    private void send(ByteBuf datagram, TransportAddress client) {
        if (loop.isCurrent()) {
            write(datagram, client);
        } else {
            try {
                loop.execute(() -> write(datagram, client));
            } catch (RejectedExecutionException e) {
                datagram.release();
            }
        }
    }

    private void write(ByteBuf datagram, TransportAddress client) {
        if (!socket.isWritable()) {
            datagram.release();
            messages.drop(DropReason.CLIENT_QUEUE_FULL);
            return;
        }
        socket.sendControl(datagram, client);
    }

    void forget(TransportAddress client) {
        byClient.remove(client);
    }

    /** Associations, those whose handshake is in progress among them. */
    int size() {
        return byClient.size();
    }

    /** Says goodbye to every client; their allocations end with the node. */
    void close() {
        byClient.values().forEach(DtlsAssociation::leave);
        socket.flush();
    }

    RelayLoop loop() {
        return loop;
    }

    ClientMessages messages() {
        return messages;
    }

    UdpSocket socket() {
        return socket;
    }

    InetSocketAddress server() {
        return server;
    }

    /** The tenant of a client that asked for this server name, if the name or the listener has one. */
    Optional<String> tenantOf(Optional<String> serverName) {
        return serverName.map(name -> name.toLowerCase(Locale.ROOT)).flatMap(listening.tenants()).or(() -> tenant);
    }

    NetworkCap newcomers() {
        return listening.newcomers();
    }

    DtlsConfig config() {
        return listening.config();
    }

    byte[] scratch() {
        return scratch;
    }

}
