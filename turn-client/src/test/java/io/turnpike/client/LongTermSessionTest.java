package io.turnpike.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import io.turnpike.stun.AttributeType;
import io.turnpike.stun.ErrorCode;
import io.turnpike.stun.IntegrityAlgorithm;
import io.turnpike.stun.LongTermKey;
import io.turnpike.stun.Nonce;
import io.turnpike.stun.PasswordAlgorithms;
import io.turnpike.stun.PasswordHash;
import io.turnpike.stun.Realm;
import io.turnpike.stun.StunAttribute;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;

/** Which answers a client believes, and how it signs (RFC 8489 section 9.2.5). */
class LongTermSessionTest {
    private static final Realm REALM = new Realm("turnpike");
    private static final Nonce PLAIN = new Nonce("an old server's nonce");
    private static final Nonce MODERN = new Nonce(Nonce.prefix(Nonce.PASSWORD_ALGORITHMS_FEATURE) + "rest");
    private static final PasswordAlgorithms BOTH = PasswordAlgorithms.of(PasswordHash.SHA256, PasswordHash.MD5);
    private static final LongTermKey SHA256 = LongTermKey.derive(PasswordHash.SHA256, "al", "turnpike", "secret");
    private static final LongTermKey MD5 = LongTermKey.md5("al", "turnpike", "secret");

    private final LongTermSession session = new LongTermSession(new Credentials("al", "secret"), null, false);

    /** A 400 that anyone could have sent must not end a request: a wrong password would look like a broken server. */
    @ParameterizedTest
    @EnumSource(value = ErrorCode.class, mode = EnumSource.Mode.EXCLUDE, names = {"UNAUTHENTICATED", "STALE_NONCE"})
    void trap6BelievesNoUnsignedErrorButAChallenge(ErrorCode error) {
        session.learn(challenge(REALM, MODERN, BOTH));

        assertThat(session.accepts(error(error))).isFalse();
        assertThat(session.accepts(signed(error, SHA256, IntegrityAlgorithm.HMAC_SHA256))).isTrue();
    }

    @Test
    void believesAnUnsignedChallengeAndNoSuccessThatIsNotSigned() {
        session.learn(challenge(REALM, MODERN, BOTH));

        assertThat(session.accepts(error(ErrorCode.STALE_NONCE))).isTrue();
        assertThat(session.accepts(error(ErrorCode.UNAUTHENTICATED))).isTrue();
        StunFrame success = frame(new StunMessageBuilder(), StunClass.SUCCESS_RESPONSE, message -> {});
        assertThat(session.accepts(success)).isFalse();
    }

    @Test
    void believesNoAnswerThatIsSignedWithAnotherKeyOrTheWeakerDigest() {
        session.learn(challenge(REALM, MODERN, BOTH));
        LongTermKey other = LongTermKey.derive(PasswordHash.SHA256, "al", "turnpike", "guess");

        assertThat(session.accepts(signed(ErrorCode.UNAUTHENTICATED, other, IntegrityAlgorithm.HMAC_SHA256))).isFalse();
        assertThat(session.accepts(signed(ErrorCode.FORBIDDEN, SHA256, IntegrityAlgorithm.HMAC_SHA1))).isFalse();
    }

    @Test
    void trap2DoesNotTryAgainWhereTheListWasTakenAway() {
        assertThat(session.learn(challenge(REALM, MODERN))).isPresent();
        assertThat(session.isChallenged()).isFalse();
    }

    @Test
    void doesNotTryAgainWithoutRealmOrNonce() {
        assertThat(session.learn(challenge(REALM))).isPresent();
        assertThat(session.learn(challenge(MODERN, BOTH))).isPresent();
        assertThat(session.isChallenged()).isFalse();
    }

    @Test
    void sendsBackNonceRealmAndListAsTheyWereAndSignsWithSha256() {
        session.learn(challenge(REALM, MODERN, BOTH));
        StunFrame request = frame(new StunMessageBuilder(), StunClass.REQUEST, session::sign);

        assertThat(request.get(Nonce.class)).contains(MODERN);
        assertThat(request.get(Realm.class)).contains(REALM);
        assertThat(request.get(PasswordAlgorithms.class)).contains(BOTH);
        assertThat(request.has(AttributeType.PASSWORD_ALGORITHM)).isTrue();
        assertThat(request.verifies(SHA256, IntegrityAlgorithm.HMAC_SHA256)).isTrue();
        assertThat(request.has(AttributeType.MESSAGE_INTEGRITY)).isFalse();
    }

    @Test
    void signsWithSha1ForAServerThatOffersNoChoice() {
        session.learn(challenge(REALM, PLAIN));
        StunFrame request = frame(new StunMessageBuilder(), StunClass.REQUEST, session::sign);

        assertThat(request.has(AttributeType.PASSWORD_ALGORITHMS)).isFalse();
        assertThat(request.verifies(MD5, IntegrityAlgorithm.HMAC_SHA1)).isTrue();
        assertThat(session.accepts(signed(ErrorCode.FORBIDDEN, MD5, IntegrityAlgorithm.HMAC_SHA1))).isTrue();
    }

    private static StunAnswer challenge(StunAttribute... attributes) {
        ByteBuf message = Unpooled.buffer();
        StunMessageBuilder builder = new StunMessageBuilder().respondError(message, request(),
                ErrorCode.UNAUTHENTICATED);
        List.of(attributes).forEach(builder::add);
        return new StunAnswer(message);
    }

    private static StunFrame error(ErrorCode error) {
        ByteBuf message = Unpooled.buffer();
        new StunMessageBuilder().respondError(message, request(), error);
        return wrap(message);
    }

    private static StunFrame signed(ErrorCode error, LongTermKey key, IntegrityAlgorithm algorithm) {
        ByteBuf message = Unpooled.buffer();
        new StunMessageBuilder().respondError(message, request(), error).integrity(key, algorithm);
        return wrap(message);
    }

    private static StunFrame request() {
        return frame(new StunMessageBuilder(), StunClass.REQUEST, message -> {});
    }

    private static StunFrame frame(StunMessageBuilder builder, StunClass messageClass,
            Consumer<StunMessageBuilder> content) {
        ByteBuf message = Unpooled.buffer();
        content.accept(builder.begin(message, StunMethod.ALLOCATE, messageClass, new TransactionId(1, 2)));
        return wrap(message);
    }

    private static StunFrame wrap(ByteBuf message) {
        StunFrame frame = new StunFrame();
        frame.wrap(message);
        return frame;
    }
}
