package io.turnpike.system.differential;

/** Binding and what is no message at all (RFC 8489 sections 5 to 7 and 12). */
final class BindingCases {
    private BindingCases() {}

    static void addTo(Script script) {
        script.add("Binding", with -> with.note(with.ask(with.request(Names.BINDING))))
                .add("Binding with FINGERPRINT",
                        with -> with.note(with.ask(with.request(Names.BINDING).fingerprint(0))))
                .add("Binding with wrong FINGERPRINT",
                        with -> with.note(with.ask(with.request(Names.BINDING).fingerprint(1))))
                .add("Binding with unknown required attribute",
                        with -> with.note(with.ask(with.request(Names.BINDING).number(Names.UNKNOWN_REQUIRED, 1))))
                .add("Binding with unknown optional attribute",
                        with -> with.note(with.ask(with.request(Names.BINDING).number(Names.UNKNOWN_OPTIONAL, 1))))
                .add("Binding with CHANGE-REQUEST",
                        with -> with.note(with.ask(with.request(Names.BINDING).number(Names.CHANGE_REQUEST, 0))))
                .add("Binding with USERNAME and no integrity",
                        with -> with.note(with.ask(with.request(Names.BINDING).text(Names.USERNAME, "nobody"))))
                .add("Binding indication",
                        with -> with.note(with.ask(with.message(Names.BINDING, Names.INDICATION))))
                .add("Binding response without a request",
                        with -> with.note(with.ask(with.message(Names.BINDING, Names.SUCCESS))))
                .addForDatagrams("Binding without magic cookie",
                        with -> with.note(with.ask(with.request(Names.BINDING).cookie(0x12345678))))
                .addForDatagrams("Binding with a length that is no multiple of four",
                        with -> with.note(with.ask(with.request(Names.BINDING).lengthError(2))))
                .addForDatagrams("Binding that is shorter than its length",
                        with -> with.note(with.ask(with.request(Names.BINDING).lengthError(8))))
                .addForDatagrams("Binding that is longer than its length",
                        with -> with.note(with.ask(with.request(Names.BINDING).number(Names.UNKNOWN_OPTIONAL, 1)
                                .lengthError(-8))))
                .addForDatagrams("Binding with an attribute that runs over the end",
                        with -> with.note(with.ask(with.request(Names.BINDING).overrun(Names.SOFTWARE))))
                .add("request of an unknown method", with -> with.note(with.ask(with.request(0x0EF))));
    }
}
