package io.turnpike.node.turn;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.turnpike.node.allocation.Allocation;
import io.turnpike.node.allocation.FakeLeg;
import io.turnpike.stun.AccessToken;
import io.turnpike.stun.ChannelData;
import io.turnpike.stun.ChannelNumber;
import io.turnpike.stun.IntegrityAlgorithm;
import io.turnpike.stun.IntegrityKey;
import io.turnpike.stun.LongTermKey;
import io.turnpike.stun.MacKey;
import io.turnpike.stun.Malformed;
import io.turnpike.stun.Nonce;
import io.turnpike.stun.Octets;
import io.turnpike.stun.Realm;
import io.turnpike.stun.RequestedTransport;
import io.turnpike.stun.StunAttribute;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import io.turnpike.stun.Username;
import io.turnpike.stun.XorPeerAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** A TURN client's half of the conversation with {@link OneLoop}, able to say what no real client should. */
public final class TestClient {
    private static final Random IDS = new Random(42);

    private final OneLoop loop;
    private final FakeLeg leg;
    private String username;
    private String password;
    private Nonce nonce;
    private boolean hidesItsName;
    private MacKey macKey;
    private Octets token;
    private TransactionId lastId;

    TestClient(OneLoop loop, FakeLeg leg, String user, String password) {
        this.loop = loop;
        this.leg = leg;
        this.username = user;
        this.password = password;
    }

    public FakeLeg leg() {
        return leg;
    }

    /** The same five-tuple under another name. */
    public void becomes(String user, String withPassword) {
        username = user;
        password = withPassword;
    }

    /** Sends USERHASH in place of USERNAME from now on. */
    public void hidesItsName() {
        hidesItsName = true;
    }

    /** Signs with a token's key from now on, and sends the token with every Allocate and Refresh. */
    public void takesToken(String kid, byte[] key, byte[] sealed) {
        username = kid;
        macKey = MacKey.of(key);
        token = Octets.of(sealed);
    }

    /** Sends no token any more. */
    public void forgetsItsToken() {
        token = null;
    }

    /** Allocates over UDP with further attributes; the answer. */
    public Answer allocate(StunAttribute... more) {
        List<StunAttribute> attributes = new ArrayList<>(List.of(new RequestedTransport(RequestedTransport.UDP)));
        attributes.addAll(List.of(more));
        return request(StunMethod.ALLOCATE, attributes.toArray(StunAttribute[]::new));
    }

    public Answer permit(InetSocketAddress... peers) {
        StunAttribute[] attributes = new StunAttribute[peers.length];
        for (int i = 0; i < peers.length; i++) {
            attributes[i] = new XorPeerAddress(peers[i]);
        }
        return request(StunMethod.CREATE_PERMISSION, attributes);
    }

    public Answer bind(int channel, InetSocketAddress peer) {
        return request(StunMethod.CHANNEL_BIND, new ChannelNumber(channel), new XorPeerAddress(peer));
    }

    /** An authenticated request under a new transaction id; null if nothing was answered. */
    public Answer request(StunMethod method, StunAttribute... attributes) {
        return request(method, TransactionId.random(IDS), attributes);
    }

    /** The last request's transaction id. */
    public TransactionId lastId() {
        return lastId;
    }

    public Answer request(StunMethod method, TransactionId id, StunAttribute... attributes) {
        return request(method, id, builder -> {}, attributes);
    }

    /** An authenticated request with one attribute of any bytes behind the others. */
    public Answer requestWithRaw(StunMethod method, int code, byte[] value, StunAttribute... attributes) {
        return request(method, TransactionId.random(IDS), builder -> builder.addRaw(code, value), attributes);
    }

    /** An authenticated CreatePermission for an IPv6 peer given as its two halves, which may spell an IPv4 address. */
    public Answer permitIpv6(long high, long low, int port) {
        return request(StunMethod.CREATE_PERMISSION, TransactionId.random(IDS),
                builder -> builder.addPeer(high, low, port));
    }

    /** An authenticated ChannelBind to an IPv6 peer given as its two halves. */
    public Answer bindIpv6(int channel, long high, long low, int port) {
        return request(StunMethod.CHANNEL_BIND, TransactionId.random(IDS),
                builder -> builder.addPeer(high, low, port), new ChannelNumber(channel));
    }

    /** An authenticated request with attributes behind its MESSAGE-INTEGRITY, which nobody signed. */
    public Answer requestWithUnsigned(StunMethod method, List<StunAttribute> signed, StunAttribute... unsigned) {
        if (nonce == null) {
            nonce = unauthenticated(method).attribute(Nonce.class);
        }
        ByteBuf message = Unpooled.buffer();
        StunMessageBuilder builder = new StunMessageBuilder().begin(message, method, StunClass.REQUEST,
                TransactionId.random(IDS));
        signed.forEach(builder::add);
        sign(builder, method);
        for (StunAttribute attribute : unsigned) {
            builder.add(attribute);
        }
        loop.receive(ByteBufUtil.getBytes(message), leg);
        return answer();
    }

    private void sign(StunMessageBuilder builder, StunMethod method) {
        if (token != null && (method == StunMethod.ALLOCATE || method == StunMethod.REFRESH)) {
            builder.add(new AccessToken(token));
        }
        builder.add(hidesItsName ? LongTermKey.userhash(username, "turnpike") : new Username(username));
        builder.add(new Realm("turnpike")).add(nonce).integrity(key(),
                IntegrityAlgorithm.HMAC_SHA1);
    }

    private Answer request(StunMethod method, TransactionId id, Consumer<StunMessageBuilder> more,
            StunAttribute... attributes) {
        if (nonce == null) {
            nonce = unauthenticated(method).attribute(Nonce.class);
        }
        lastId = id;
        Answer answer = signedRequest(method, id, more, attributes);
        if (answer != null && answer.error() == 438) {
            nonce = answer.attribute(Nonce.class);
            answer = signedRequest(method, id, more, attributes);
        }
        return answer;
    }

    private Answer signedRequest(StunMethod method, TransactionId id, Consumer<StunMessageBuilder> more,
            StunAttribute... attributes) {
        ByteBuf message = Unpooled.buffer();
        StunMessageBuilder builder = new StunMessageBuilder().begin(message, method, StunClass.REQUEST, id);
        for (StunAttribute attribute : attributes) {
            builder.add(attribute);
        }
        more.accept(builder);
        sign(builder, method);
        loop.receive(ByteBufUtil.getBytes(message), leg);
        return answer();
    }

    /** A request without credentials. */
    public Answer unauthenticated(StunMethod method, StunAttribute... attributes) {
        ByteBuf message = Unpooled.buffer();
        StunMessageBuilder builder = new StunMessageBuilder().begin(message, method, StunClass.REQUEST,
                TransactionId.random(IDS));
        for (StunAttribute attribute : attributes) {
            builder.add(attribute);
        }
        loop.receive(ByteBufUtil.getBytes(message), leg);
        return answer();
    }

    /** Sends an indication of any method through the request step. */
    public void indicate(StunMethod method) {
        ByteBuf message = Unpooled.buffer();
        new StunMessageBuilder().begin(message, method, StunClass.INDICATION, TransactionId.random(IDS));
        loop.receive(ByteBufUtil.getBytes(message), leg);
    }

    /** Sends a Send indication; its size on the wire. */
    public int send(InetSocketAddress peer, byte[] payload, StunAttribute... more) {
        ByteBuf message = Unpooled.buffer();
        StunMessageBuilder builder = new StunMessageBuilder()
                .begin(message, StunMethod.SEND, StunClass.INDICATION, TransactionId.random(IDS)).addPeer(peer)
                .addData(Unpooled.wrappedBuffer(payload));
        for (StunAttribute attribute : more) {
            builder.add(attribute);
        }
        return sendIndication(message);
    }

    /** Sends the bytes of a Send indication. */
    public int sendIndication(ByteBuf message) {
        StunFrame frame = new StunFrame();
        if (frame.wrap(message) != Malformed.NONE) {
            throw new IllegalArgumentException("not a whole message");
        }
        allocation().heardOn(leg);
        loop.clientToPeer.sendIndication(allocation(), frame, message);
        return message.readableBytes();
    }

    /** Sends a Send indication in at the door, whoever serves it. */
    public int sendIn(InetSocketAddress peer, byte[] payload) {
        ByteBuf message = Unpooled.buffer();
        new StunMessageBuilder().begin(message, StunMethod.SEND, StunClass.INDICATION, TransactionId.random(IDS))
                .addPeer(peer).addData(Unpooled.wrappedBuffer(payload));
        loop.receive(ByteBufUtil.getBytes(message), leg);
        return message.readableBytes();
    }

    /** Sends ChannelData, padded where the leg is a stream; its size on the wire. */
    public int sendChannelData(int channel, byte[] payload) {
        ByteBuf message = Unpooled.buffer();
        ChannelData.write(message, channel, Unpooled.wrappedBuffer(payload), leg.isStream());
        return sendChannelData(message);
    }

    /** Sends the bytes of a ChannelData message, well-formed or not. */
    public int sendChannelData(ByteBuf message) {
        allocation().heardOn(leg);
        loop.clientToPeer.channelData(allocation(), message);
        return message.readableBytes();
    }

    public Allocation allocation() {
        return loop.allocationOf(this);
    }

    /** The next answer, or null. */
    public Answer answer() {
        byte[] bytes = leg.nextControl();
        return bytes == null ? null : new Answer(bytes, key());
    }

    private IntegrityKey key() {
        return macKey != null ? macKey : LongTermKey.md5(username, "turnpike", password);
    }
}
