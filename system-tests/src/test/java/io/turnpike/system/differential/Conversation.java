package io.turnpike.system.differential;

import java.io.EOFException;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What one client says to one server over a leg of its own, and what is seen. A server's silence is told from slowness by
 * a Binding that is sent after the request and answered. Confined to one thread.
 */
final class Conversation implements AutoCloseable {
    static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    static final Credential DEMO = new Credential("demo", "demo-password");
    static final Credential OTHER = new Credential("other", "other-password");
    static final String REALM = "turnpike";

    private static final int SOON_MILLIS = 250;
    private static final int BOUND_MILLIS = 20_000;
    private static final int UDP = 17;

    private final Random random = new Random(20261122);
    private final Map<String, Outcome> outcomes = new LinkedHashMap<>();
    private final List<DatagramSocket> peers = new ArrayList<>();
    private final InetSocketAddress server;
    private final Wire wire;
    private byte[] key;
    private byte[] nonce = new byte[0];
    private byte[] answer;
    private boolean isAllocated;

    /** A user of both servers. */
    record Credential(String user, String password) {
        /** Key of RFC 8489 section 9.2.2, or of section 18.5.1.2 with SHA-256. */
        byte[] key(String hash) {
            try {
                return MessageDigest.getInstance(hash)
                        .digest((user + ":" + REALM + ":" + password).getBytes(StandardCharsets.UTF_8));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    Conversation(InetSocketAddress server, boolean overStream) throws IOException {
        this.server = server;
        wire = overStream ? Wire.tcp(server) : Wire.udp(server);
        key = DEMO.key("MD5");
    }

    boolean isStream() {
        return wire.isStream();
    }

    /** Another client of the same server over the same transport. */
    Conversation another() throws IOException {
        return new Conversation(server, wire.isStream());
    }

    // ---- Requests

    /** A request of this method with a new transaction id. */
    StunBytes request(int method) {
        byte[] transaction = new byte[12];
        random.nextBytes(transaction);
        return StunBytes.of(typeOf(method), transaction);
    }

    /** A message whose class is among the bits of {@code type}. */
    StunBytes message(int method, int messageClass) {
        byte[] transaction = new byte[12];
        random.nextBytes(transaction);
        return StunBytes.of(typeOf(method) | messageClass, transaction);
    }

    private static int typeOf(int method) {
        return method & 0xF | (method & 0x70) << 1 | (method & 0xF80) << 2;
    }

    StunBytes allocate() {
        return request(Names.ALLOCATE).add(Names.REQUESTED_TRANSPORT, (byte) UDP, (byte) 0, (byte) 0, (byte) 0);
    }

    StunBytes refresh(int seconds) {
        return request(Names.REFRESH).number(Names.LIFETIME, seconds);
    }

    StunBytes permission(InetSocketAddress... peers) {
        StunBytes request = request(Names.CREATE_PERMISSION);
        for (InetSocketAddress peer : peers) {
            request.address(Names.XOR_PEER_ADDRESS, peer);
        }
        return request;
    }

    StunBytes bind(int channel, InetSocketAddress peer) {
        return request(Names.CHANNEL_BIND).number(Names.CHANNEL_NUMBER, channel << 16)
                .address(Names.XOR_PEER_ADDRESS, peer);
    }

    StunBytes send(InetSocketAddress peer, byte[] data) {
        return message(Names.SEND, Names.INDICATION).address(Names.XOR_PEER_ADDRESS, peer).add(Names.DATA, data);
    }

    /** Adds USERNAME, REALM and NONCE, but no integrity. */
    StunBytes named(StunBytes request, Credential who) {
        return request.text(Names.USERNAME, who.user()).text(Names.REALM, REALM).add(Names.NONCE, nonce);
    }

    /** Makes the request a complete one of the user demo. */
    StunBytes signed(StunBytes request) {
        return signed(request, DEMO);
    }

    StunBytes signed(StunBytes request, Credential who) {
        key = who.key("MD5");
        return named(request, who).integrity(key);
    }

    // ---- What comes back

    /** Asks without credentials, so that a nonce is known. */
    void challenge() throws IOException {
        Outcome challenge = ask(allocate());
        if (!challenge.answer().equals("error 401")) {
            throw new AssertionError("no challenge but " + challenge);
        }
        nonce = Outcome.raw(answer, Names.NONCE);
    }

    byte[] nonce() {
        return nonce;
    }

    void nonce(byte[] value) {
        nonce = value;
    }

    /** The key that the next answers must be signed with. */
    void key(byte[] value) {
        key = value;
    }

    /** Makes an allocation; {@code more} is part of the request. Answers the relayed transport address. */
    InetSocketAddress allocated(StunBytes request) throws IOException {
        challenge();
        Outcome made = ask(signed(request));
        if (!made.answer().equals("success")) {
            throw new AssertionError("no allocation but " + made);
        }
        return relayed();
    }

    InetSocketAddress allocated() throws IOException {
        return allocated(allocate());
    }

    /** First relayed transport address of the last answer. */
    InetSocketAddress relayed() {
        return Outcome.address(Outcome.raw(answer, Names.XOR_RELAYED_ADDRESS), answer);
    }

    /** First value of an attribute of the last answer, null if it is not there. */
    byte[] lastValue(int attribute) {
        return answer == null ? null : Outcome.raw(answer, attribute);
    }

    /** Sends a request and tells what comes back. */
    Outcome ask(StunBytes request) throws IOException {
        return ask(request.bytes());
    }

    Outcome ask(byte[] request) throws IOException {
        try {
            wire.send(request);
            answer = awaitAnswer(Arrays.copyOfRange(request, 8, 20));
        } catch (EOFException e) {
            answer = null;
            return Outcome.CLOSED;
        }
        if (answer == null) {
            return Outcome.SILENCE;
        }
        Outcome outcome = Outcome.of(answer, key, wire.localAddress());
        boolean isAllocation = (answer[1] & 0xF) == Names.ALLOCATE && outcome.answer().equals("success");
        isAllocated |= isAllocation;
        return outcome;
    }

    /** Null if there is silence: also after two Bindings were answered, which were sent later. */
    private byte[] awaitAnswer(byte[] transaction) throws IOException {
        byte[] found = awaitOne(transaction, SOON_MILLIS);
        for (int fence = 0; fence < 2 && found == null; fence++) {
            found = fence(transaction);
        }
        return found != null ? found : awaitOne(transaction, SOON_MILLIS);
    }

    private byte[] awaitOne(byte[] transaction, int millis) throws IOException {
        long until = System.nanoTime() + millis * 1_000_000L;
        for (long left = millis; left > 0; left = (until - System.nanoTime()) / 1_000_000L) {
            byte[] message = wire.receive((int) left);
            if (message != null && isOf(transaction, message)) {
                return message;
            }
        }
        return null;
    }

    /** Waits until a Binding is answered; answers the message of the transaction if that came instead. */
    private byte[] fence(byte[] transaction) throws IOException {
        byte[] binding = request(Names.BINDING).bytes();
        wire.send(binding);
        long until = System.nanoTime() + BOUND_MILLIS * 1_000_000L;
        while (System.nanoTime() < until) {
            byte[] message = wire.receive(BOUND_MILLIS);
            if (message != null && isOf(Arrays.copyOfRange(binding, 8, 20), message)) {
                return null;
            }
            if (message != null && isOf(transaction, message)) {
                return message;
            }
        }
        throw new AssertionError("the server answers no Binding any more");
    }

    private static boolean isOf(byte[] transaction, byte[] message) {
        return message.length >= 20 && (message[0] & 0xC0) == 0
                && Arrays.equals(transaction, 0, 12, message, 8, 20);
    }

    // ---- Data

    /** A peer of its own. */
    DatagramSocket peer() throws IOException {
        DatagramSocket peer = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0));
        peers.add(peer);
        return peer;
    }

    static InetSocketAddress addressOf(DatagramSocket peer) {
        return (InetSocketAddress) peer.getLocalSocketAddress();
    }

    void sendRaw(byte[] bytes) throws IOException {
        wire.send(bytes);
    }

    /** ChannelData with this length field (RFC 8656 section 12.4); padded on a stream. */
    byte[] channelData(int number, int length, byte[] data) {
        int padding = wire.isStream() ? -data.length & 3 : 0;
        return ByteBuffer.allocate(4 + data.length + padding).putShort((short) number).putShort((short) length)
                .put(data).array();
    }

    /** What the peer has received of what was sent until now. */
    Outcome received(DatagramSocket peer) throws IOException {
        try {
            fence(new byte[12]);
        } catch (EOFException e) {
            return Outcome.CLOSED;
        }
        byte[] data = Wire.receive(peer, SOON_MILLIS);
        return Outcome.of(data == null
                ? "peer receives nothing"
                : "peer receives " + new String(data,
                        StandardCharsets.UTF_8) + " (" + data.length + " bytes)");
    }

    /** What the client gets when a peer sends to the relayed transport address. */
    Outcome delivered(DatagramSocket peer, InetSocketAddress relayed, byte[] data) throws IOException {
        peer.send(new DatagramPacket(data, data.length, relayed));
        byte[] message = wire.receive(SOON_MILLIS);
        if (message == null) {
            return Outcome.SILENCE;
        }
        if ((message[0] & 0xC0) == 0x40) {
            ByteBuffer in = ByteBuffer.wrap(message);
            return Outcome.of(String.format("channel 0x%04X, %d bytes in %d", in.getShort(), in.getShort(),
                    message.length));
        }
        return Outcome.of(message, key, wire.localAddress());
    }

    // ---- The record

    /** Notes what happened under a name that is unique in the case. */
    void note(String name, Outcome outcome) {
        if (outcomes.put(name, outcome) != null) {
            throw new AssertionError("noted twice: " + name);
        }
    }

    void note(Outcome outcome) {
        note("", outcome);
    }

    Map<String, Outcome> outcomes() {
        return outcomes;
    }

    /** Ends the allocation, so that the server has room for the next. */
    @Override
    public void close() throws IOException {
        peers.forEach(DatagramSocket::close);
        try (wire) {
            if (isAllocated) {
                wire.send(signed(refresh(0)).bytes());
            }
        }
    }
}
