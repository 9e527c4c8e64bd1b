package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.turnpike.node.allocation.FakeLeg;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.stun.AttributeType;
import io.turnpike.stun.ErrorCodeAttribute;
import io.turnpike.stun.IntegrityAlgorithm;
import io.turnpike.stun.IntegrityKey;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.LongTermKey;
import io.turnpike.stun.Nonce;
import io.turnpike.stun.Octets;
import io.turnpike.stun.PasswordAlgorithm;
import io.turnpike.stun.PasswordAlgorithms;
import io.turnpike.stun.PasswordHash;
import io.turnpike.stun.Realm;
import io.turnpike.stun.RequestedTransport;
import io.turnpike.stun.StunAttribute;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import io.turnpike.stun.Userhash;
import io.turnpike.stun.Username;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The traps of RFC 8489 section 9.2 that TURN servers fall into, each by its number in our list, through a whole loop. */
class SignInTrapsTest {
    private static final InetSocketAddress SERVER = FakeSockets.address("198.41.0.4", 3478);
    private static final Random IDS = new Random(7);
    private static final Realm REALM = new Realm("turnpike");
    private static final Username AL = new Username("al");
    private static final RequestedTransport UDP = new RequestedTransport(RequestedTransport.UDP);
    private static final LongTermKey KEY = LongTermKey.md5("al", "turnpike", "secret");
    private static final LongTermKey WRONG = LongTermKey.md5("al", "turnpike", "guess");

    private final OneLoop loop = new OneLoop();
    private final FakeLeg leg = leg(ClientTransport.UDP, "203.0.112.9", 40_000);

    @Test
    void trap1ChecksInTheOrderOfTheSection() {
        Nonce nonce = nonce();
        assertThat(code(ask(AL, REALM, nonce))).as("no integrity").isEqualTo(401);
        assertThat(code(sign(WRONG, AL, nonce))).as("no realm").isEqualTo(400);
        assertThat(code(sign(WRONG, REALM, nonce))).as("no name").isEqualTo(400);
        assertThat(code(sign(WRONG, AL, REALM))).as("no nonce").isEqualTo(400);
        PasswordAlgorithms other = PasswordAlgorithms.of(PasswordHash.MD5);
        assertThat(
                code(sign(WRONG, new Username("nobody"), REALM, nonce, other, new PasswordAlgorithm(PasswordHash.MD5))))
                .as("another list, before the unknown user").isEqualTo(400);
        loop.time.advance(Duration.ofHours(1));
        assertThat(code(sign(WRONG, new Username("nobody"), REALM, nonce))).as("unknown, before the nonce")
                .isEqualTo(401);
        assertThat(code(sign(WRONG, AL, REALM, nonce))).as("wrong, before the nonce").isEqualTo(401);
        assertThat(code(sign(KEY, AL, REALM, nonce))).as("the nonce last").isEqualTo(438);
        assertThat(code(sign(KEY, AL, REALM, nonce()))).isZero();
    }

    @Test
    void trap2ChallengesNameNobodyAndAreNotSigned() {
        Nonce old = nonce();
        loop.time.advance(Duration.ofHours(1));
        for (StunFrame challenge : List.of(ask(), ask(AL, REALM, old), sign(WRONG, AL, REALM, old),
                sign(KEY, AL, REALM, old), sign(WRONG, new Username("nobody"), REALM, old))) {
            assertThat(code(challenge)).isIn(401, 438);
            assertThat(challenge.hasIntegrity()).isFalse();
            assertThat(challenge.has(AttributeType.USERNAME)).isFalse();
            assertThat(challenge.has(AttributeType.USERHASH)).isFalse();
            assertThat(challenge.get(Realm.class)).contains(REALM);
            assertThat(challenge.get(Nonce.class).orElseThrow().announcesPasswordAlgorithms()).isTrue();
            assertThat(challenge.get(PasswordAlgorithms.class)).isPresent();
        }
    }

    @Test
    void trap2ABadRequestTellsNeitherRealmNorNonce() {
        StunFrame answer = sign(KEY, AL, nonce());

        assertThat(code(answer)).isEqualTo(400);
        assertThat(answer.has(AttributeType.REALM) || answer.has(AttributeType.NONCE)
                || answer.has(AttributeType.PASSWORD_ALGORITHMS) || answer.hasIntegrity()).isFalse();
    }

    @Test
    void trap3SignsWithSha1AloneWhereNothingWasChosenAndWithSha256AloneElsewhere() {
        StunFrame plain = sign(KEY, AL, REALM, nonce());
        assertThat(plain.has(AttributeType.MESSAGE_INTEGRITY_SHA256)).isFalse();
        assertThat(plain.verifies(KEY, IntegrityAlgorithm.HMAC_SHA1)).isTrue();

        for (PasswordHash hash : PasswordHash.values()) {
            LongTermKey key = LongTermKey.derive(hash, "al", "turnpike", "secret");
            StunFrame chosen = send(leg, StunMethod.REFRESH, key, IntegrityAlgorithm.HMAC_SHA256, message -> {},
                    new Lifetime(600), AL, REALM, nonce(), offered(), new PasswordAlgorithm(hash));
            assertThat(chosen.has(AttributeType.MESSAGE_INTEGRITY)).isFalse();
            assertThat(chosen.verifies(key, IntegrityAlgorithm.HMAC_SHA256)).as(hash.name()).isTrue();
        }
    }

    @Test
    void trap3ChecksTheStrongerOfTwoIntegrityAttributes() {
        StunFrame both = send(leg, StunMethod.ALLOCATE, KEY, IntegrityAlgorithm.HMAC_SHA1,
                message -> message.integrity(WRONG, IntegrityAlgorithm.HMAC_SHA256), UDP, AL, REALM, nonce());
        assertThat(code(both)).isEqualTo(401);

        StunFrame right = send(leg, StunMethod.ALLOCATE, WRONG, IntegrityAlgorithm.HMAC_SHA1,
                message -> message.integrity(KEY, IntegrityAlgorithm.HMAC_SHA256), UDP, AL, REALM, nonce());
        assertThat(code(right)).isZero();
    }

    @Test
    void trap4TakesTheListOnlyAsItWasGivenByteForByte() {
        PasswordAlgorithm md5 = new PasswordAlgorithm(PasswordHash.MD5);
        assertThat(
                code(sign(KEY, AL, REALM, nonce(), PasswordAlgorithms.of(PasswordHash.MD5, PasswordHash.SHA256), md5)))
                .as("another order").isEqualTo(400);
        assertThat(code(sign(KEY, AL, REALM, nonce(), PasswordAlgorithms.of(PasswordHash.MD5), md5))).as("bid down")
                .isEqualTo(400);
        assertThat(code(sign(KEY, AL, REALM, nonce(), md5))).as("no list").isEqualTo(400);
        assertThat(code(sign(KEY, AL, REALM, nonce(), offered()))).as("no choice").isEqualTo(400);
        assertThat(code(sign(KEY, AL, REALM, nonce(), offered(), new PasswordAlgorithm(7, Octets.of()))))
                .isEqualTo(400);
        assertThat(code(sign(KEY, AL, REALM, nonce(), offered(), md5))).isZero();
    }

    @Test
    void trap4TakesTheNonceOfAnotherNodeWithTheSameKeysAndTheFeaturesOnlyAsTheyWereGiven() {
        Nonce elsewhere = new OneLoopOfAnotherNode().nonce();
        assertThat(code(sign(KEY, AL, REALM, elsewhere))).isZero();

        String stripped = Nonce.prefix(0) + nonce().value().substring(13);
        assertThat(code(sign(KEY, AL, REALM, new Nonce(stripped)))).as("bid down").isEqualTo(438);
        assertThat(code(sign(KEY, AL, REALM, new Nonce(nonce().value().substring(13))))).isEqualTo(438);
    }

    @Test
    void trap5GivesNoNonceToTwoAddressesPortsOrTransportsAndTakesItFromNone() {
        Nonce nonce = nonce();
        for (FakeLeg other : List.of(leg(ClientTransport.UDP, "203.0.112.9", 40_001),
                leg(ClientTransport.UDP, "203.0.112.10", 40_000), leg(ClientTransport.TCP, "203.0.112.9", 40_000))) {
            assertThat(nonce(other)).isNotEqualTo(nonce);
            assertThat(code(send(other, StunMethod.ALLOCATE, KEY, IntegrityAlgorithm.HMAC_SHA1, message -> {}, UDP, AL,
                    REALM, nonce))).isEqualTo(438);
        }
    }

    @Test
    void trap6AWrongPasswordIsNeverAnsweredWith400() {
        StunAttribute[] contradiction = {UDP, AL, REALM, nonce()};
        Consumer<StunMessageBuilder> illFormed = message -> message.addRaw(AttributeType.LIFETIME.code(), new byte[3]);
        assertThat(code(sendBefore(WRONG, illFormed, contradiction))).isEqualTo(401);

        StunFrame right = sendBefore(KEY, illFormed, contradiction);
        assertThat(code(right)).isEqualTo(400);
        assertThat(right.verifies(KEY, IntegrityAlgorithm.HMAC_SHA1)).as("a 400 that the client may believe").isTrue();
    }

    @Test
    void trap7SignsEveryErrorAfterAuthentication() {
        assertSigned(437, StunMethod.REFRESH);
        assertSigned(437, StunMethod.CREATE_PERMISSION);
        assertSigned(400, StunMethod.ALLOCATE);
        assertSigned(442, StunMethod.ALLOCATE, new RequestedTransport(99));
        assertThat(code(sign(KEY, AL, REALM, nonce()))).isZero();
        assertSigned(437, StunMethod.ALLOCATE, UDP);
        assertSigned(400, StunMethod.CREATE_PERMISSION);
        LongTermKey bo = LongTermKey.md5("bo", "turnpike", "secret");
        StunFrame stranger = send(leg, StunMethod.REFRESH, bo, IntegrityAlgorithm.HMAC_SHA1, message -> {},
                new Username("bo"), REALM, nonce());
        assertThat(code(stranger)).isEqualTo(441);
        assertThat(stranger.verifies(bo, IntegrityAlgorithm.HMAC_SHA1)).isTrue();
    }

    @Test
    void trap8NeverActsOnWhatFollowsTheIntegrity() {
        StunFrame answer = send(leg, StunMethod.ALLOCATE, KEY, IntegrityAlgorithm.HMAC_SHA1,
                message -> message.addRaw(0x7777, new byte[4]).add(new Lifetime(3_600)), UDP, AL, REALM, nonce());

        assertThat(code(answer)).as("no 420").isZero();
        assertThat(answer.get(Lifetime.class).orElseThrow().seconds()).as("no hour").isEqualTo(600);
        assertThat(code(send(leg, StunMethod.REFRESH, WRONG, IntegrityAlgorithm.HMAC_SHA1,
                message -> message.add(AL).integrity(KEY, IntegrityAlgorithm.HMAC_SHA1), AL, REALM, nonce())))
                .as("the first integrity counts").isEqualTo(401);
    }

    @Test
    void trap10TakesNoPartOfASha256() {
        ByteBuf message = Unpooled.buffer();
        StunMessageBuilder builder = new StunMessageBuilder().begin(message, StunMethod.ALLOCATE, StunClass.REQUEST,
                TransactionId.random(IDS));
        for (StunAttribute attribute : List.of(UDP, AL, REALM, nonce())) {
            builder.add(attribute);
        }
        int end = message.writerIndex();
        builder.integrity(KEY, IntegrityAlgorithm.HMAC_SHA256);
        byte[] whole = ByteBufUtil.getBytes(message);
        byte[] cut = Arrays.copyOf(whole, end + 4 + 16);
        cut[end + 3] = 16;
        cut[3] = (byte) (cut.length - 20);
        loop.receive(cut, leg);

        assertThat(code(answer(leg))).isEqualTo(401);
    }

    @Test
    void trap12TakesTheFirstOfTwoNames() {
        assertThat(code(sign(KEY, AL, new Username("nobody"), REALM, new Realm("elsewhere"), nonce()))).isZero();
        assertThat(code(sign(KEY, new Username("nobody"), AL, REALM, nonce()))).isEqualTo(401);
    }

    @Test
    void trap13NamesUnknownAttributesOnlyToThoseWhoSignedIn() {
        Consumer<StunMessageBuilder> unknown = message -> message.addRaw(0x7777, new byte[4]);
        assertThat(code(sendBefore(WRONG, unknown, UDP, AL, REALM, nonce()))).isEqualTo(401);
        StunFrame known = sendBefore(KEY, unknown, UDP, AL, REALM, nonce());
        assertThat(code(known)).isEqualTo(420);
        assertThat(known.has(AttributeType.UNKNOWN_ATTRIBUTES)).isTrue();
        assertThat(known.verifies(KEY, IntegrityAlgorithm.HMAC_SHA1)).isTrue();
    }

    @Test
    void trap14PreparesThePasswordAndLeavesTheNameAsItIs() {
        OneLoop other = new OneLoop(ConfigFactory.parseString(
                """
                        auth.users = [{ tenant = demo, user = "\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9", password = "p\u00E1ss\u00A0word" }]"""));
        TestClient client = other.client("\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9");
        client.becomes("\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9", "pa\u0301ss word");
        assertThat(client.allocate().isSuccess()).as("composed, and a plain space").isTrue();
        TestClient wide = other.client("x");
        wide.becomes("\uFF8F\uFF84\uFF98\uFF6F\uFF78\uFF7D", "pa\u0301ss word");
        assertThat(wide.allocate().error()).as("another name, not a mapped one").isEqualTo(401);
    }

    @Test
    void trap27AHiddenNameIsTheSameUser() {
        TestClient client = loop.client("al");
        client.allocate();
        client.hidesItsName();
        assertThat(client.request(StunMethod.REFRESH).isSuccess()).isTrue();
        assertThat(client.permit(FakeSockets.address("203.0.112.77", 1)).isSuccess()).isTrue();
        client.becomes("bo", "secret");
        Answer other = client.request(StunMethod.REFRESH);
        assertThat(other.error()).isEqualTo(441);
        assertThat(other.isSigned()).isTrue();
    }

    @Test
    void anUnknownHashIsAnsweredLikeAnUnknownName() {
        Userhash nobody = LongTermKey.userhash("nobody", "turnpike");
        StunFrame unknown = sign(KEY, nobody, REALM, nonce());
        StunFrame wrong = sign(WRONG, LongTermKey.userhash("al", "turnpike"), REALM, nonce());

        assertThat(code(unknown)).isEqualTo(401);
        assertThat(code(wrong)).isEqualTo(401);
        assertThat(unknown.messageBytes()).isEqualTo(wrong.messageBytes());
        assertThat(loop.requestLog.unauthenticated()).containsEntry("401", 4L);
    }

    @Test
    void announcesHiddenNamesOnlyWhereEveryUserIsRegistered() {
        assertThat(nonce().securityFeatures()).isEqualTo(Nonce.PASSWORD_ALGORITHMS_FEATURE
                | Nonce.USERNAME_ANONYMITY_FEATURE);
        OneLoop signedNames = new OneLoop(ConfigFactory.parseString(
                """
                        tenants = [{ id = demo, secrets = [{ id = k, secret = s }] }, { id = old, channel-numbers = RFC5766 }]"""));
        Answer challenge = signedNames.client("al").unauthenticated(StunMethod.ALLOCATE);
        assertThat(challenge.attribute(Nonce.class).securityFeatures()).isEqualTo(Nonce.PASSWORD_ALGORITHMS_FEATURE);
        TestClient anonymous = signedNames.client("al");
        anonymous.hidesItsName();
        assertThat(anonymous.allocate().isSuccess()).as("a registered user may hide all the same").isTrue();
    }

    /** Another process with the same nonce keys. */
    private final class OneLoopOfAnotherNode {
        Nonce nonce() {
            OneLoop other = new OneLoop();
            FakeLeg same = leg(ClientTransport.UDP, "203.0.112.9", 40_000);
            other.receive(request(StunMethod.ALLOCATE, message -> {}), same);
            return SignInTrapsTest.answer(same).get(Nonce.class).orElseThrow();
        }
    }

    private void assertSigned(int code, StunMethod method, StunAttribute... more) {
        List<StunAttribute> attributes = new ArrayList<>(List.of(more));
        attributes.addAll(List.of(AL, REALM, nonce()));
        StunFrame answer = send(leg, method, KEY, IntegrityAlgorithm.HMAC_SHA1, message -> {},
                attributes.toArray(StunAttribute[]::new));
        assertThat(code(answer)).as(method.name()).isEqualTo(code);
        assertThat(answer.verifies(KEY, IntegrityAlgorithm.HMAC_SHA1)).as(method.name()).isTrue();
    }

    private PasswordAlgorithms offered() {
        return ask().get(PasswordAlgorithms.class).orElseThrow();
    }

    private Nonce nonce() {
        return nonce(leg);
    }

    private Nonce nonce(FakeLeg from) {
        loop.receive(request(StunMethod.ALLOCATE, message -> {}, UDP), from);
        return answer(from).get(Nonce.class).orElseThrow();
    }

    /** An unsigned Allocate. */
    private StunFrame ask(StunAttribute... attributes) {
        loop.receive(request(StunMethod.ALLOCATE, message -> {}, attributes), leg);
        return answer(leg);
    }

    /** A signed Allocate that wants an allocation. */
    private StunFrame sign(LongTermKey key, StunAttribute... attributes) {
        List<StunAttribute> all = new ArrayList<>(List.of(UDP));
        all.addAll(List.of(attributes));
        return send(leg, StunMethod.ALLOCATE, key, IntegrityAlgorithm.HMAC_SHA1, message -> {},
                all.toArray(StunAttribute[]::new));
    }

    /** A signed Allocate with something else that is signed too. */
    private StunFrame sendBefore(LongTermKey key, Consumer<StunMessageBuilder> signedToo, StunAttribute... attributes) {
        loop.receive(request(StunMethod.ALLOCATE, signedToo
                .andThen(message -> message.integrity(key, IntegrityAlgorithm.HMAC_SHA1)), attributes), leg);
        return answer(leg);
    }

    private StunFrame send(FakeLeg from, StunMethod method, IntegrityKey key, IntegrityAlgorithm algorithm,
            Consumer<StunMessageBuilder> behind, StunAttribute... attributes) {
        loop.receive(request(method, message -> behind.accept(message.integrity(key, algorithm)), attributes), from);
        return answer(from);
    }

    private static byte[] request(StunMethod method, Consumer<StunMessageBuilder> end, StunAttribute... attributes) {
        ByteBuf message = Unpooled.buffer();
        StunMessageBuilder builder = new StunMessageBuilder().begin(message, method, StunClass.REQUEST,
                TransactionId.random(IDS));
        for (StunAttribute attribute : attributes) {
            builder.add(attribute);
        }
        end.accept(builder);
        return ByteBufUtil.getBytes(message);
    }

    private static StunFrame answer(FakeLeg from) {
        StunFrame frame = new StunFrame();
        frame.wrap(Unpooled.wrappedBuffer(from.nextControl()));
        return frame;
    }

    private static int code(StunFrame answer) {
        return answer.get(ErrorCodeAttribute.class).map(ErrorCodeAttribute::code).orElse(0);
    }

    private static FakeLeg leg(ClientTransport transport, String host, int port) {
        return new FakeLeg(new FiveTuple(transport, FakeSockets.address(host, port), SERVER),
                transport == ClientTransport.TCP);
    }
}
