package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.turnpike.node.event.AuthenticationFailed;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AttributeType;
import io.turnpike.stun.RequestedTransport;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import io.turnpike.stun.UnknownAttributes;
import io.turnpike.stun.XorMappedAddress;
import org.junit.jupiter.api.Test;

/** What holds for every request: authentication, unknown attributes, what is dropped in silence. */
class TurnServerTest {
    private final OneLoop loop = new OneLoop();
    private final TestClient client = loop.client("al");

    @Test
    void answersBindingWithTheMappedAddressAlone() {
        Answer answer = client.unauthenticated(StunMethod.BINDING);

        assertThat(answer.attribute(XorMappedAddress.class).address()).isEqualTo(client.leg().fiveTuple().client());
        // 1.6 bytes out for each byte in.
        assertThat(answer.bytes()).hasSize(32);
    }

    @Test
    void answersBindingWithFingerprintOnlyIfItWasAskedWithOne() {
        ByteBuf message = Unpooled.buffer();
        new StunMessageBuilder().begin(message, StunMethod.BINDING, StunClass.REQUEST, new TransactionId(1, 2))
                .fingerprint();
        loop.receive(ByteBufUtil.getBytes(message), client.leg());

        assertThat(client.answer().has(AttributeType.FINGERPRINT)).isTrue();
        assertThat(client.unauthenticated(StunMethod.BINDING).has(AttributeType.FINGERPRINT)).isFalse();
    }

    @Test
    void namesUnknownAttributesOfABindingInASmallAnswer() {
        ByteBuf message = Unpooled.buffer();
        new StunMessageBuilder().begin(message, StunMethod.BINDING, StunClass.REQUEST, new TransactionId(1, 2))
                .addRaw(0x7777, new byte[0]);
        loop.receive(ByteBufUtil.getBytes(message), client.leg());

        Answer answer = client.answer();
        assertThat(answer.error()).isEqualTo(420);
        assertThat(answer.attribute(UnknownAttributes.class).types()).containsExactly(0x7777);
        assertThat(answer.bytes()).hasSizeLessThanOrEqualTo(36);
    }

    @Test
    void saysNothingToABindingIndication() {
        client.indicate(StunMethod.BINDING);

        assertThat(client.answer()).isNull();
        assertThat(loop.drops.byLabel()).isEmpty();
    }

    @Test
    void saysNothingToADataIndicationOrAResponse() {
        client.indicate(StunMethod.DATA);
        ByteBuf message = Unpooled.buffer();
        new StunMessageBuilder().begin(message, StunMethod.BINDING, StunClass.SUCCESS_RESPONSE,
                new TransactionId(1, 2));
        loop.receive(ByteBufUtil.getBytes(message), client.leg());

        assertThat(client.answer()).isNull();
        assertThat(loop.dropped(DropReason.UNEXPECTED_METHOD)).isOne();
        assertThat(loop.dropped(DropReason.UNEXPECTED_RESPONSE)).isOne();
    }

    @Test
    void namesUnknownAttributesAfterAuthenticationSigned() {
        Answer answer = client.requestWithRaw(StunMethod.ALLOCATE, 0x7777, new byte[4],
                new RequestedTransport(RequestedTransport.UDP));

        assertThat(answer.error()).isEqualTo(420);
        assertThat(answer.isSigned()).isTrue();
        assertThat(loop.allocations.size()).isZero();
    }

    @Test
    void ignoresUnknownOptionalAttributes() {
        assertThat(client.requestWithRaw(StunMethod.ALLOCATE, 0xC057, new byte[4],
                new RequestedTransport(RequestedTransport.UDP)).isSuccess()).isTrue();
    }

    @Test
    void samplesFailedAuthenticationsOfAKnownTenant() {
        client.becomes("al", "wrong");
        for (int i = 0; i < 50; i++) {
            client.request(StunMethod.REFRESH);
        }

        assertThat(loop.events(AuthenticationFailed.class)).hasSize(10);
        assertThat(loop.requestLog.unauthenticated()).containsEntry("401", 51L);
    }

    @Test
    void tellsNothingOfUnknownTenants() {
        client.becomes("nobody/x", "wrong");

        assertThat(client.request(StunMethod.REFRESH).error()).isEqualTo(401);
        assertThat(loop.events).isEmpty();
    }
}
