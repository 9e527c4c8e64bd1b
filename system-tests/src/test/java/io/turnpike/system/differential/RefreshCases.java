package io.turnpike.system.differential;

import java.nio.charset.StandardCharsets;

/** Refresh (RFC 8656 section 8). */
final class RefreshCases {
    private static final byte[] IPV4 = {1, 0, 0, 0};
    private static final byte[] IPV6 = {2, 0, 0, 0};

    private RefreshCases() {}

    static void addTo(Script script) {
        script.add("Refresh without an allocation", with -> {
            with.challenge();
            with.note(with.ask(with.signed(with.refresh(600))));
        }).add("Refresh without credentials", with -> {
            with.allocated();
            with.note(with.ask(with.refresh(600)));
        }).add("Refresh without LIFETIME", with -> {
            with.allocated();
            with.note(with.ask(with.signed(with.request(Names.REFRESH))));
        }).add("Refresh with LIFETIME 5", with -> {
            with.allocated();
            with.note(with.ask(with.signed(with.refresh(5))));
        }).add("Refresh with LIFETIME 7200", with -> {
            with.allocated();
            with.note(with.ask(with.signed(with.refresh(7200))));
        }).add("Refresh with LIFETIME 0", with -> {
            with.allocated();
            byte[] request = with.signed(with.refresh(0)).bytes();
            with.note("first", with.ask(request));
            with.note("sent again", with.ask(request));
            with.note("afterwards", with.ask(with.signed(with.refresh(600))));
            with.note("Allocate anew", with.ask(with.signed(with.allocate())));
        }).add("Refresh by another user", with -> {
            with.allocated();
            with.note(with.ask(with.signed(with.refresh(600), Conversation.OTHER)));
        }).add("Refresh with a nonce that nobody gave", with -> {
            with.allocated();
            byte[] nonce = with.nonce();
            with.nonce("no-such-nonce".getBytes(StandardCharsets.UTF_8));
            with.note(with.ask(with.signed(with.refresh(600))));
            with.nonce(nonce);
        }).add("Refresh with unknown required attribute", with -> {
            with.allocated();
            with.note(with.ask(with.signed(with.refresh(600).number(Names.UNKNOWN_REQUIRED, 1))));
        }).add("Refresh of the allocated family", with -> {
            with.allocated();
            with.note(with.ask(with.signed(with.refresh(600).add(Names.REQUESTED_ADDRESS_FAMILY, IPV4))));
        }).add("Refresh of a family that is not allocated", with -> {
            with.allocated();
            with.note(with.ask(with.signed(with.refresh(600).add(Names.REQUESTED_ADDRESS_FAMILY, IPV6))));
        }).add("Refresh that ends one family of two", with -> {
            with.allocated(with.allocate().add(Names.ADDITIONAL_ADDRESS_FAMILY, IPV6));
            with.note("end of IPv6", with.ask(with.signed(with.refresh(0).add(Names.REQUESTED_ADDRESS_FAMILY, IPV6))));
            with.note("IPv6 afterwards",
                    with.ask(with.signed(with.refresh(600).add(Names.REQUESTED_ADDRESS_FAMILY, IPV6))));
            with.note("IPv4 afterwards",
                    with.ask(with.signed(with.refresh(600).add(Names.REQUESTED_ADDRESS_FAMILY, IPV4))));
        });
    }
}
