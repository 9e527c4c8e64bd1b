package io.turnpike.system.differential;

import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** Send and Data indications, ChannelData, and what peers send (RFC 8656 sections 9, 11 and 12). */
final class DataCases {
    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);
    private static final byte[] WORLD = "world".getBytes(StandardCharsets.UTF_8);

    private DataCases() {}

    static void addTo(Script script) {
        addIndicationsTo(script);
        addChannelsTo(script);
        addPeersTo(script);
    }

    private static void addIndicationsTo(Script script) {
        script.add("Send without a permission", with -> {
            with.allocated();
            DatagramSocket peer = with.peer();
            with.sendRaw(with.send(Conversation.addressOf(peer), HELLO).bytes());
            with.note(with.received(peer));
        }).add("Send without an allocation", with -> {
            DatagramSocket peer = with.peer();
            with.note("answer", with.ask(with.send(Conversation.addressOf(peer), HELLO)));
            with.note("peer", with.received(peer));
        }).add("Send", with -> {
            DatagramSocket peer = permitted(with);
            with.sendRaw(with.send(Conversation.addressOf(peer), HELLO).bytes());
            with.note("five bytes", with.received(peer));
            with.sendRaw(with.send(Conversation.addressOf(peer), new byte[0]).bytes());
            with.note("no bytes", with.received(peer));
            with.sendRaw(with.send(Conversation.addressOf(peer), HELLO).fingerprint(0).bytes());
            with.note("with FINGERPRINT", with.received(peer));
        }).add("Send to another port of a permitted address", with -> {
            permitted(with);
            DatagramSocket other = with.peer();
            with.sendRaw(with.send(Conversation.addressOf(other), HELLO).bytes());
            with.note(with.received(other));
        }).add("Send without DATA", with -> {
            DatagramSocket peer = permitted(with);
            with.sendRaw(with.message(Names.SEND, Names.INDICATION)
                    .address(Names.XOR_PEER_ADDRESS, Conversation.addressOf(peer)).bytes());
            with.note(with.received(peer));
        }).add("Send with unknown required attribute", with -> {
            DatagramSocket peer = permitted(with);
            with.sendRaw(with.send(Conversation.addressOf(peer), HELLO).number(Names.UNKNOWN_REQUIRED, 1).bytes());
            with.note(with.received(peer));
        }).add("Send with unknown optional attribute", with -> {
            DatagramSocket peer = permitted(with);
            with.sendRaw(with.send(Conversation.addressOf(peer), HELLO).number(Names.UNKNOWN_OPTIONAL, 1).bytes());
            with.note(with.received(peer));
        }).add("Send with DATA twice", with -> {
            DatagramSocket peer = permitted(with);
            with.sendRaw(with.send(Conversation.addressOf(peer), HELLO).add(Names.DATA, WORLD).bytes());
            with.note(with.received(peer));
        }).add("Send with XOR-PEER-ADDRESS twice", with -> {
            DatagramSocket first = permitted(with);
            DatagramSocket second = with.peer();
            with.sendRaw(with.message(Names.SEND, Names.INDICATION)
                    .address(Names.XOR_PEER_ADDRESS, Conversation.addressOf(first))
                    .address(Names.XOR_PEER_ADDRESS, Conversation.addressOf(second)).add(Names.DATA, HELLO).bytes());
            with.note("first", with.received(first));
            with.note("second", with.received(second));
        }).add("Send with DONT-FRAGMENT", with -> {
            DatagramSocket peer = permitted(with);
            with.sendRaw(with.send(Conversation.addressOf(peer), HELLO).add(Names.DONT_FRAGMENT).bytes());
            with.note(with.received(peer));
        }).add("Send with wrong FINGERPRINT", with -> {
            DatagramSocket peer = permitted(with);
            with.sendRaw(with.send(Conversation.addressOf(peer), HELLO).fingerprint(1).bytes());
            with.note(with.received(peer));
        }).add("Send to port 0", with -> {
            DatagramSocket peer = permitted(with);
            with.note("answer", with.ask(with.send(new InetSocketAddress("127.0.0.1", 0), HELLO)));
            with.sendRaw(with.send(Conversation.addressOf(peer), WORLD).bytes());
            with.note("afterwards", with.received(peer));
        }).add("Send request", with -> {
            DatagramSocket peer = permitted(with);
            with.note("answer", with.ask(with.request(Names.SEND)
                    .address(Names.XOR_PEER_ADDRESS, Conversation.addressOf(peer)).add(Names.DATA, HELLO)));
            with.note("peer", with.received(peer));
        }).add("Data indication from a client", with -> {
            DatagramSocket peer = permitted(with);
            with.note("answer", with.ask(with.message(Names.DATA_METHOD, Names.INDICATION)
                    .address(Names.XOR_PEER_ADDRESS, Conversation.addressOf(peer)).add(Names.DATA, HELLO)));
            with.note("peer", with.received(peer));
        });
    }

    private static void addChannelsTo(Script script) {
        script.add("ChannelData", with -> {
            DatagramSocket peer = bound(with);
            with.sendRaw(with.channelData(0x4000, 5, HELLO));
            with.note("five bytes", with.received(peer));
            with.sendRaw(with.channelData(0x4000, 0, new byte[0]));
            with.note("no bytes", with.received(peer));
        }).add("ChannelData of a channel that is not bound", with -> {
            DatagramSocket peer = bound(with);
            with.sendRaw(with.channelData(0x4001, 5, HELLO));
            with.note(with.received(peer));
        }).addForDatagrams("ChannelData that is longer than the datagram", with -> {
            DatagramSocket peer = bound(with);
            with.sendRaw(with.channelData(0x4000, 100, HELLO));
            with.note(with.received(peer));
        }).addForDatagrams("ChannelData with padding in a datagram", with -> {
            DatagramSocket peer = bound(with);
            with.sendRaw(with.channelData(0x4000, 5, "hello---".getBytes(StandardCharsets.UTF_8)));
            with.note(with.received(peer));
        }).addForDatagrams("ChannelData with more than padding in a datagram", with -> {
            DatagramSocket peer = bound(with);
            with.sendRaw(with.channelData(0x4000, 5, "hello-----------".getBytes(StandardCharsets.UTF_8)));
            with.note(with.received(peer));
        });
    }

    private static void addPeersTo(Script script) {
        script.add("peer without a permission", with -> {
            InetSocketAddress relayed = with.allocated();
            with.note(with.delivered(with.peer(), relayed, HELLO));
        }).add("peer with a permission", with -> {
            InetSocketAddress relayed = with.allocated();
            DatagramSocket peer = with.peer();
            with.ask(with.signed(with.permission(Conversation.addressOf(peer))));
            with.note("five bytes", with.delivered(peer, relayed, HELLO));
            with.note("no bytes", with.delivered(peer, relayed, new byte[0]));
            with.note("another port", with.delivered(with.peer(), relayed, HELLO));
        }).add("peer with a channel", with -> {
            InetSocketAddress relayed = with.allocated();
            DatagramSocket peer = with.peer();
            with.ask(with.signed(with.bind(0x4000, Conversation.addressOf(peer))));
            with.note("five bytes", with.delivered(peer, relayed, HELLO));
            with.note("no bytes", with.delivered(peer, relayed, new byte[0]));
            with.note("another port", with.delivered(with.peer(), relayed, HELLO));
        });
    }

    private static DatagramSocket permitted(Conversation with) throws java.io.IOException {
        with.allocated();
        DatagramSocket peer = with.peer();
        with.ask(with.signed(with.permission(Conversation.addressOf(peer))));
        return peer;
    }

    private static DatagramSocket bound(Conversation with) throws java.io.IOException {
        with.allocated();
        DatagramSocket peer = with.peer();
        with.ask(with.signed(with.bind(0x4000, Conversation.addressOf(peer))));
        return peer;
    }
}
