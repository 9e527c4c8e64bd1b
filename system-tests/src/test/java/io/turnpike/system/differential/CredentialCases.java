package io.turnpike.system.differential;

import io.turnpike.system.differential.Conversation.Credential;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;

/** Long-term credentials (RFC 8489 section 9.2). */
final class CredentialCases {
    private static final Credential WRONG_PASSWORD = new Credential("demo", "wrong");
    private static final Credential NOBODY = new Credential("nobody", "demo-password");
    private static final byte[] SHA256 = {0, 2, 0, 0};

    private CredentialCases() {}

    static void addTo(Script script) {
        script.add("Allocate without credentials", with -> with.note(with.ask(with.allocate())))
                .add("Allocate with USERNAME and no integrity", with -> {
                    with.challenge();
                    with.note(with.ask(with.named(with.allocate(), Conversation.DEMO)));
                })
                .add("Allocate with unknown required attribute and no credentials",
                        with -> with.note(with.ask(with.allocate().number(Names.UNKNOWN_REQUIRED, 1))))
                .add("Allocate without USERNAME", with -> {
                    with.challenge();
                    with.note(with.ask(with.allocate().text(Names.REALM, Conversation.REALM)
                            .add(Names.NONCE, with.nonce()).integrity(Conversation.DEMO.key("MD5"))));
                })
                .add("Allocate without REALM", with -> {
                    with.challenge();
                    with.note(with.ask(with.allocate().text(Names.USERNAME, "demo")
                            .add(Names.NONCE, with.nonce()).integrity(Conversation.DEMO.key("MD5"))));
                })
                .add("Allocate without NONCE", with -> {
                    with.challenge();
                    with.note(with.ask(with.allocate().text(Names.USERNAME, "demo")
                            .text(Names.REALM, Conversation.REALM).integrity(Conversation.DEMO.key("MD5"))));
                })
                .add("Allocate with wrong realm", with -> {
                    with.challenge();
                    with.note(with.ask(with.allocate().text(Names.USERNAME, "demo").text(Names.REALM, "elsewhere")
                            .add(Names.NONCE, with.nonce()).integrity(Conversation.DEMO.key("MD5"))));
                })
                .add("Allocate by an unknown user", with -> {
                    with.challenge();
                    with.note(with.ask(with.signed(with.allocate(), NOBODY)));
                })
                .add("Allocate with wrong password", with -> {
                    with.challenge();
                    with.note(with.ask(with.signed(with.allocate(), WRONG_PASSWORD)));
                })
                .add("Allocate with a nonce that nobody gave", with -> {
                    with.challenge();
                    with.nonce("no-such-nonce".getBytes(StandardCharsets.UTF_8));
                    with.note(with.ask(with.signed(with.allocate())));
                })
                .add("Allocate with a nonce that nobody gave and wrong password", with -> {
                    with.challenge();
                    with.nonce("no-such-nonce".getBytes(StandardCharsets.UTF_8));
                    with.note(with.ask(with.signed(with.allocate(), WRONG_PASSWORD)));
                })
                .add("Allocate with the nonce of another client", with -> {
                    try (Conversation other = with.another()) {
                        other.challenge();
                        with.challenge();
                        with.nonce(other.nonce());
                        with.note(with.ask(with.signed(with.allocate())));
                    }
                });
        addAlgorithmsTo(script);
    }

    private static void addAlgorithmsTo(Script script) {
        script.add("Allocate with MESSAGE-INTEGRITY-SHA256 and no algorithm", with -> {
            with.challenge();
            byte[] key = Conversation.DEMO.key("MD5");
            with.key(key);
            with.note(with.ask(with.named(with.allocate(), Conversation.DEMO).integritySha256(key)));
        }).add("Allocate with both integrity attributes", with -> {
            with.challenge();
            byte[] key = Conversation.DEMO.key("MD5");
            with.key(key);
            with.note(with.ask(with.named(with.allocate(), Conversation.DEMO).integrity(key).integritySha256(key)));
        }).add("Allocate with the SHA-256 password algorithm", with -> {
            with.challenge();
            byte[] key = Conversation.DEMO.key("SHA-256");
            with.key(key);
            with.note(with.ask(with.named(with.allocate(), Conversation.DEMO)
                    .add(Names.PASSWORD_ALGORITHMS, offered(with)).add(Names.PASSWORD_ALGORITHM, SHA256)
                    .integritySha256(key)));
        }).add("Allocate with a password algorithm list that was cut", with -> {
            with.challenge();
            byte[] key = Conversation.DEMO.key("MD5");
            with.key(key);
            byte[] md5 = {0, 1, 0, 0};
            with.note(with.ask(with.named(with.allocate(), Conversation.DEMO).add(Names.PASSWORD_ALGORITHMS, md5)
                    .add(Names.PASSWORD_ALGORITHM, md5).integrity(key)));
        }).add("Allocate with USERHASH of a static user", with -> {
            with.challenge();
            byte[] key = Conversation.DEMO.key("MD5");
            with.key(key);
            with.note(with.ask(with.allocate().add(Names.USERHASH, userhash()).text(Names.REALM, Conversation.REALM)
                    .add(Names.NONCE, with.nonce()).integrity(key)));
        });
    }

    /** The list of the challenge, or what a client would send to a server that gave none. */
    private static byte[] offered(Conversation with) {
        byte[] list = with.lastValue(Names.PASSWORD_ALGORITHMS);
        return list == null ? SHA256 : Arrays.copyOf(list, list.length);
    }

    private static byte[] userhash() {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(("demo:" + Conversation.REALM).getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
