package io.turnpike.system.differential;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.UnaryOperator;

/** Allocate (RFC 8656 section 7). */
final class AllocateCases {
    private static final byte[] IPV4 = {1, 0, 0, 0};
    private static final byte[] IPV6 = {2, 0, 0, 0};
    private static final byte[] NO_FAMILY = {5, 0, 0, 0};
    private static final byte[] TOKEN = {1, 2, 3, 4, 5, 6, 7, 8};
    private static final byte EVEN = 0;
    private static final byte EVEN_AND_NEXT = (byte) 0x80;

    private AllocateCases() {}

    static void addTo(Script script) {
        script.add("Allocate", with -> with.note(ask(with, request -> request)))
                .add("Allocate with FINGERPRINT", with -> {
                    with.challenge();
                    with.note(with.ask(with.signed(with.allocate()).fingerprint(0)));
                })
                .add("Allocate with wrong FINGERPRINT", with -> {
                    with.challenge();
                    with.note(with.ask(with.signed(with.allocate()).fingerprint(1)));
                })
                .add("Allocate sent again", with -> {
                    with.challenge();
                    byte[] request = with.signed(with.allocate()).bytes();
                    with.note("first", with.ask(request));
                    InetSocketAddress relayed = with.relayed();
                    with.note("again", with.ask(request));
                    with.note("address", Outcome.of(relayed.equals(with.relayed()) ? "the same" : "another"));
                })
                .add("Allocate for a five-tuple that has one", with -> {
                    with.allocated();
                    with.note(with.ask(with.signed(with.allocate())));
                })
                .add("Allocate by another user for a five-tuple that has one", with -> {
                    with.allocated();
                    with.note(with.ask(with.signed(with.allocate(), Conversation.OTHER)));
                })
                .add("Allocate without REQUESTED-TRANSPORT", with -> {
                    with.challenge();
                    with.note(with.ask(with.signed(with.request(Names.ALLOCATE))));
                })
                .add("Allocate with empty REQUESTED-TRANSPORT", with -> {
                    with.challenge();
                    with.note(with.ask(with.signed(with.request(Names.ALLOCATE).add(Names.REQUESTED_TRANSPORT))));
                })
                .add("Allocate with unsupported REQUESTED-TRANSPORT", with -> {
                    with.challenge();
                    with.note(with.ask(with.signed(with.request(Names.ALLOCATE)
                            .add(Names.REQUESTED_TRANSPORT, (byte) 99, (byte) 0, (byte) 0, (byte) 0))));
                })
                .add("Allocate with unknown required attribute",
                        with -> with.note(ask(with, request -> request.number(Names.UNKNOWN_REQUIRED, 1))))
                .add("Allocate with unknown optional attribute",
                        with -> with.note(ask(with, request -> request.number(Names.UNKNOWN_OPTIONAL, 1))))
                .add("Allocate with unknown required attribute after MESSAGE-INTEGRITY", with -> {
                    with.challenge();
                    with.note(with.ask(with.signed(with.allocate()).number(Names.UNKNOWN_REQUIRED, 1)));
                })
                .add("Allocate with LIFETIME after MESSAGE-INTEGRITY", with -> {
                    with.challenge();
                    with.note(with.ask(with.signed(with.allocate()).number(Names.LIFETIME, 1800)));
                })
                .add("Allocate with padding that is not zero", with -> {
                    with.challenge();
                    with.note(with.ask(with.signed(with.allocate().add(Names.SOFTWARE, new byte[]{'a'}, (byte) ' '))));
                })
                .add("Allocate indication", with -> with.note(with.ask(with.message(Names.ALLOCATE,
                        Names.INDICATION))))
                .add("Allocate with DONT-FRAGMENT", with -> with.note(ask(with,
                        request -> request.add(Names.DONT_FRAGMENT))));
        addLifetimesTo(script);
        addFamiliesTo(script);
        addPortsTo(script);
    }

    private static void addLifetimesTo(Script script) {
        script.add("Allocate with LIFETIME 10",
                with -> with.note(ask(with, request -> request.number(Names.LIFETIME, 10))))
                .add("Allocate with LIFETIME 0",
                        with -> with.note(ask(with, request -> request.number(Names.LIFETIME, 0))))
                .add("Allocate with LIFETIME 1800",
                        with -> with.note(ask(with, request -> request.number(Names.LIFETIME, 1800))))
                .add("Allocate with LIFETIME 100000",
                        with -> with.note(ask(with, request -> request.number(Names.LIFETIME, 100_000))))
                .add("Allocate with the largest LIFETIME",
                        with -> with.note(ask(with, request -> request.number(Names.LIFETIME, -1))))
                .add("Allocate with LIFETIME of two bytes",
                        with -> with.note(ask(with, request -> request.add(Names.LIFETIME, (byte) 2, (byte) 88))))
                .add("Allocate with LIFETIME twice", with -> with.note(ask(with,
                        request -> request.number(Names.LIFETIME, 1200).number(Names.LIFETIME, 2400))));
    }

    private static void addFamiliesTo(Script script) {
        script.add("Allocate for IPv4",
                with -> with.note(ask(with, request -> request.add(Names.REQUESTED_ADDRESS_FAMILY, IPV4))))
                .add("Allocate for IPv6",
                        with -> with.note(ask(with, request -> request.add(Names.REQUESTED_ADDRESS_FAMILY, IPV6))))
                .add("Allocate for a family that does not exist",
                        with -> with.note(ask(with, request -> request.add(Names.REQUESTED_ADDRESS_FAMILY,
                                NO_FAMILY))))
                .add("Allocate for both families",
                        with -> with.note(ask(with, request -> request.add(Names.ADDITIONAL_ADDRESS_FAMILY, IPV6))))
                .add("Allocate with ADDITIONAL-ADDRESS-FAMILY IPv4",
                        with -> with.note(ask(with, request -> request.add(Names.ADDITIONAL_ADDRESS_FAMILY, IPV4))))
                .add("Allocate with both family attributes", with -> with.note(ask(with,
                        request -> request.add(Names.REQUESTED_ADDRESS_FAMILY, IPV4)
                                .add(Names.ADDITIONAL_ADDRESS_FAMILY, IPV6))));
    }

    private static void addPortsTo(Script script) {
        script.add("Allocate with EVEN-PORT", with -> {
            with.note("answer", ask(with, request -> request.add(Names.EVEN_PORT, EVEN)));
            with.note("port", Outcome.of(with.relayed().getPort() % 2 == 0 ? "even" : "odd"));
        }).add("Allocate with EVEN-PORT and the next", with -> {
            with.note("answer", ask(with, request -> request.add(Names.EVEN_PORT, EVEN_AND_NEXT)));
            InetSocketAddress even = with.relayed();
            byte[] token = with.lastValue(Names.RESERVATION_TOKEN);
            with.note("port", Outcome.of(even.getPort() % 2 == 0 ? "even" : "odd"));
            try (Conversation next = with.another()) {
                with.note("token", ask(next, request -> request.add(Names.RESERVATION_TOKEN, token)));
                with.note("reserved port", Outcome.of(
                        next.relayed().getPort() == even.getPort() + 1 ? "the next" : "another"));
            }
            try (Conversation third = with.another()) {
                with.note("token used twice", ask(third, request -> request.add(Names.RESERVATION_TOKEN, token)));
            }
        }).add("Allocate with an unknown token",
                with -> with.note(ask(with, request -> request.add(Names.RESERVATION_TOKEN, TOKEN))))
                .add("Allocate with token and EVEN-PORT", with -> with.note(ask(with,
                        request -> request.add(Names.RESERVATION_TOKEN, TOKEN).add(Names.EVEN_PORT, EVEN))))
                .add("Allocate with token and REQUESTED-ADDRESS-FAMILY", with -> with.note(ask(with,
                        request -> request.add(Names.RESERVATION_TOKEN, TOKEN)
                                .add(Names.REQUESTED_ADDRESS_FAMILY, IPV4))))
                .add("Allocate with token and ADDITIONAL-ADDRESS-FAMILY", with -> with.note(ask(with,
                        request -> request.add(Names.RESERVATION_TOKEN, TOKEN)
                                .add(Names.ADDITIONAL_ADDRESS_FAMILY, IPV6))))
                .add("Allocate for both families with EVEN-PORT and the next", with -> with.note(ask(with,
                        request -> request.add(Names.ADDITIONAL_ADDRESS_FAMILY, IPV6)
                                .add(Names.EVEN_PORT, EVEN_AND_NEXT))));
    }

    private static Outcome ask(Conversation with, UnaryOperator<StunBytes> more) throws IOException {
        with.challenge();
        return with.ask(with.signed(more.apply(with.allocate())));
    }
}
