package io.turnpike.system.differential;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/** CreatePermission (RFC 8656 section 10). */
final class PermissionCases {
    private static final byte[] IPV6 = {2, 0, 0, 0};
    private static final InetSocketAddress PEER = new InetSocketAddress("127.0.0.1", 20_001);
    private static final InetSocketAddress PEER_IPV6 = new InetSocketAddress("::1", 20_001);
    private static final InetSocketAddress DENIED = new InetSocketAddress("10.1.2.3", 20_001);

    private PermissionCases() {}

    static void addTo(Script script) {
        script.add("CreatePermission without an allocation", with -> {
            with.challenge();
            with.note(with.ask(with.signed(with.permission(PEER))));
        }).add("CreatePermission without credentials", with -> {
            with.allocated();
            with.note(with.ask(with.permission(PEER)));
        }).add("CreatePermission without a peer", with -> {
            with.allocated();
            with.note(with.ask(with.signed(with.permission())));
        }).add("CreatePermission for a peer", with -> {
            with.allocated();
            with.note("first", with.ask(with.signed(with.permission(PEER))));
            with.note("again", with.ask(with.signed(with.permission(PEER))));
        }).add("CreatePermission for several peers", with -> {
            with.allocated();
            with.note(with.ask(with.signed(with.permission(PEER, new InetSocketAddress("127.0.0.9", 1), PEER))));
        }).add("CreatePermission for a peer with port 0", with -> {
            with.allocated();
            with.note(with.ask(with.signed(with.permission(new InetSocketAddress("127.0.0.1", 0)))));
        }).add("CreatePermission by another user", with -> {
            with.allocated();
            with.note(with.ask(with.signed(with.permission(PEER), Conversation.OTHER)));
        }).add("CreatePermission for a peer of the other family", with -> {
            with.allocated();
            with.note(with.ask(with.signed(with.permission(PEER_IPV6))));
        }).add("CreatePermission for a peer of three bytes", with -> {
            with.allocated();
            with.note(with.ask(with.signed(with.request(Names.CREATE_PERMISSION).add(Names.XOR_PEER_ADDRESS,
                    (byte) 0, (byte) 1, (byte) 0))));
        }).add("CreatePermission for a peer of both families, allocated", with -> {
            with.allocated(with.allocate().add(Names.ADDITIONAL_ADDRESS_FAMILY, IPV6));
            with.note(with.ask(with.signed(with.permission(PEER, PEER_IPV6))));
        }).add("CreatePermission for a denied peer among others", with -> {
            with.allocated();
            DatagramSocket peer = with.peer();
            with.note("answer", with.ask(with.signed(with.permission(Conversation.addressOf(peer), DENIED))));
            with.sendRaw(with.send(Conversation.addressOf(peer), new byte[]{'a'}).bytes());
            with.note("Send to the other", with.received(peer));
        });
        for (String peer : List.of("10.1.2.3", "0.0.0.0", "224.0.0.1", "255.255.255.255")) {
            script.add("CreatePermission for " + peer, with -> {
                with.allocated();
                with.note(with.ask(with.signed(with.permission(new InetSocketAddress(peer, 20_001)))));
            });
        }
        addDisguisesTo(script);
    }

    /** 10.1.2.3 as an IPv6 address, which a list of IPv4 ranges does not hold. */
    private static void addDisguisesTo(Script script) {
        for (String peer : List.of("::ffff:10.1.2.3", "::10.1.2.3", "64:ff9b::10.1.2.3", "2002:a01:203::1", "::",
                "ff02::1")) {
            script.add("CreatePermission for " + peer + ", IPv6 allocated", with -> {
                with.allocated(with.allocate().add(Names.REQUESTED_ADDRESS_FAMILY, IPV6));
                with.note(with.ask(with.signed(with.request(Names.CREATE_PERMISSION)
                        .address(Names.XOR_PEER_ADDRESS, ipv6(peer)))));
            });
        }
    }

    /** Java turns a mapped address into an IPv4 one unless it is made with a scope. */
    private static InetSocketAddress ipv6(String literal) throws IOException {
        byte[] bytes = literal.startsWith("::ffff:")
                ? new byte[]{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 1, 2, 3}
                : InetAddress.getByName(literal).getAddress();
        return new InetSocketAddress(java.net.Inet6Address.getByAddress(null, bytes, 0), 20_001);
    }
}
