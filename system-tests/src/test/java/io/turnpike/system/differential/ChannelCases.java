package io.turnpike.system.differential;

import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.List;

/** ChannelBind (RFC 8656 section 12). */
final class ChannelCases {
    private static final InetSocketAddress PEER = new InetSocketAddress("127.0.0.1", 20_001);
    private static final InetSocketAddress OTHER_PEER = new InetSocketAddress("127.0.0.1", 20_002);

    private ChannelCases() {}

    static void addTo(Script script) {
        for (int number : List.of(0x0000, 0x3FFF, 0x4000, 0x4FFF, 0x5000, 0x7FFF, 0x8000, 0xFFFF)) {
            script.add(String.format("ChannelBind of 0x%04X", number), with -> {
                with.allocated();
                with.note(with.ask(with.signed(with.bind(number, PEER))));
            });
        }
        script.add("ChannelBind without an allocation", with -> {
            with.challenge();
            with.note(with.ask(with.signed(with.bind(0x4000, PEER))));
        }).add("ChannelBind without credentials", with -> {
            with.allocated();
            with.note(with.ask(with.bind(0x4000, PEER)));
        }).add("ChannelBind by another user", with -> {
            with.allocated();
            with.note(with.ask(with.signed(with.bind(0x4000, PEER), Conversation.OTHER)));
        }).add("ChannelBind without a number", with -> {
            with.allocated();
            with.note(with.ask(with.signed(with.request(Names.CHANNEL_BIND).address(Names.XOR_PEER_ADDRESS, PEER))));
        }).add("ChannelBind without a peer", with -> {
            with.allocated();
            with.note(with.ask(with.signed(with.request(Names.CHANNEL_BIND).number(Names.CHANNEL_NUMBER,
                    0x4000_0000))));
        }).add("ChannelBind with a number of two bytes", with -> {
            with.allocated();
            with.note(with.ask(with.signed(with.request(Names.CHANNEL_BIND)
                    .add(Names.CHANNEL_NUMBER, (byte) 0x40, (byte) 0).address(Names.XOR_PEER_ADDRESS, PEER))));
        }).add("ChannelBind again", with -> {
            with.allocated();
            with.note("first", with.ask(with.signed(with.bind(0x4000, PEER))));
            with.note("same", with.ask(with.signed(with.bind(0x4000, PEER))));
            with.note("other peer", with.ask(with.signed(with.bind(0x4000, OTHER_PEER))));
            with.note("other number", with.ask(with.signed(with.bind(0x4001, PEER))));
        }).add("ChannelBind of a number that is another peer's", with -> {
            with.allocated();
            DatagramSocket peer = with.peer();
            with.ask(with.signed(with.bind(0x4000, Conversation.addressOf(peer))));
            with.note("answer", with.ask(with.signed(with.bind(0x4000, OTHER_PEER))));
            with.sendRaw(with.channelData(0x4000, 2, new byte[]{'a', 'b'}));
            with.note("old binding", with.received(peer));
        }).add("ChannelBind to a denied peer", with -> {
            with.allocated();
            with.note(with.ask(with.signed(with.bind(0x4000, new InetSocketAddress("10.1.2.3", 1)))));
        }).add("ChannelBind to a peer of the other family", with -> {
            with.allocated();
            with.note(with.ask(with.signed(with.bind(0x4000, new InetSocketAddress("::1", 20_001)))));
        }).add("ChannelBind with unknown required attribute", with -> {
            with.allocated();
            with.note(with.ask(with.signed(with.bind(0x4000, PEER).number(Names.UNKNOWN_REQUIRED, 1))));
        });
    }
}
