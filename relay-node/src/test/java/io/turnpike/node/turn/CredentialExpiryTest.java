package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.turnpike.contract.TurnUsername;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.event.AllocationEnded;
import io.turnpike.node.event.EndReason;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.StunMethod;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What the end of a TURN REST credential stops, under each rule that a tenant may choose. */
class CredentialExpiryTest {
    private final OneLoop loop = new OneLoop(ConfigFactory.parseString(
            """
                    tenants = [
                      { id = soft, secrets = [{ id = old, secret = elder }, { id = new, algorithm = HMAC-SHA256, secret = younger }] }
                      { id = firm, credential-expiry = REFRESH, secrets = [{ id = k, secret = elder }] }
                      { id = hard, credential-expiry = HARD-CUT, secrets = [{ id = k, secret = elder }] }
                    ]"""));

    @Test
    void allocateRuleLetsTheAllocationLiveAndRefuseNewOnes() {
        TestClient client = client("soft", 60, "HmacSHA1", "elder");
        assertThat(client.allocate().attribute(Lifetime.class).seconds()).isEqualTo(600);

        loop.pass(Duration.ofSeconds(61));

        assertThat(client.request(StunMethod.REFRESH).attribute(Lifetime.class).seconds()).isEqualTo(600);
        assertThat(client.permit(FakeSockets.address("203.0.112.77", 1)).isSuccess()).isTrue();
        assertThat(client.allocate().error()).isEqualTo(401);
        loop.pass(Duration.ofSeconds(500));
        assertThat(loop.allocations.size()).isOne();
    }

    @Test
    void takesEverySecretOfTheTenantWithItsOwnAlgorithm() {
        assertThat(client("soft", 60, "HmacSHA1", "elder").allocate().isSuccess()).isTrue();
        assertThat(client("soft", 60, "HmacSHA256", "younger").allocate().isSuccess()).isTrue();
        assertThat(client("soft", 60, "HmacSHA1", "younger").allocate().error()).isEqualTo(401);
        assertThat(client("soft", 60, "HmacSHA256", "elder").allocate().error()).isEqualTo(401);
        assertThat(client("firm", 60, "HmacSHA256", "younger").allocate().error()).as("another tenant's")
                .isEqualTo(401);
    }

    @Test
    void refreshRuleLetsTheAllocationRunOut() {
        TestClient client = client("firm", 60, "HmacSHA1", "elder");
        assertThat(client.allocate().attribute(Lifetime.class).seconds()).as("not cut").isEqualTo(600);

        loop.pass(Duration.ofSeconds(61));

        assertThat(client.request(StunMethod.REFRESH).error()).isEqualTo(401);
        assertThat(client.permit(FakeSockets.address("203.0.112.77", 1)).isSuccess()).isTrue();
        loop.pass(Duration.ofSeconds(540));
        assertThat(loop.events(AllocationEnded.class)).extracting(AllocationEnded::reason)
                .containsExactly(EndReason.EXPIRED);
    }

    @Test
    void refreshRuleLetsTheClientDeleteItsAllocation() {
        TestClient client = client("firm", 60, "HmacSHA1", "elder");
        client.allocate();
        loop.pass(Duration.ofSeconds(61));

        assertThat(client.request(StunMethod.REFRESH, new Lifetime(0)).isSuccess()).isTrue();
        assertThat(loop.allocations.size()).isZero();
    }

    @Test
    void hardCutGrantsNoLifetimeBeyondTheCredential() {
        TestClient client = client("hard", 300, "HmacSHA1", "elder");

        assertThat(client.allocate(new Lifetime(3_600)).attribute(Lifetime.class).seconds()).isEqualTo(300);
        loop.pass(Duration.ofSeconds(100));
        assertThat(client.request(StunMethod.REFRESH, new Lifetime(3_600)).attribute(Lifetime.class).seconds())
                .isEqualTo(200);
        assertThat(client.request(StunMethod.REFRESH).attribute(Lifetime.class).seconds()).isEqualTo(200);
    }

    @Test
    void hardCutEndsTheAllocationAtTheSecondOfTheCredentialAndSaysWhy() {
        TestClient client = client("hard", 300, "HmacSHA1", "elder");
        client.allocate();

        loop.pass(Duration.ofMillis(299_900));
        assertThat(loop.allocations.size()).isOne();
        loop.pass(Duration.ofMillis(200));

        assertThat(loop.allocations.size()).isZero();
        assertThat(loop.sockets.open()).isEmpty();
        assertThat(loop.events(AllocationEnded.class)).extracting(AllocationEnded::reason)
                .containsExactly(EndReason.CREDENTIAL_EXPIRED);
        assertThat(client.permit(FakeSockets.address("203.0.112.77", 1)).error()).isEqualTo(401);
    }

    @Test
    void hardCutLeavesALongCredentialToItsLifetimes() {
        TestClient client = client("hard", 86_400, "HmacSHA1", "elder");
        assertThat(client.allocate().attribute(Lifetime.class).seconds()).isEqualTo(600);
        loop.pass(Duration.ofSeconds(601));

        assertThat(loop.events(AllocationEnded.class)).extracting(AllocationEnded::reason)
                .containsExactly(EndReason.EXPIRED);
    }

    /** Twelve digits of seconds reach a year that nanoseconds do not. */
    @Test
    void hardCutTakesACredentialThatIsGoodForThousandsOfYears() {
        String name = "999999999999:hard:al";
        TestClient client = loop.client(name);
        client.becomes(name, TurnUsername.restPassword("HmacSHA1", "elder".getBytes(StandardCharsets.UTF_8), name));

        assertThat(client.allocate().attribute(Lifetime.class).seconds()).isEqualTo(600);
        assertThat(client.request(StunMethod.REFRESH).attribute(Lifetime.class).seconds()).isEqualTo(600);
        loop.pass(Duration.ofSeconds(601));

        assertThat(loop.events(AllocationEnded.class)).extracting(AllocationEnded::reason)
                .containsExactly(EndReason.EXPIRED);
    }

    @Test
    void hardCutOfACredentialThatHasJustEndedMakesNothing() {
        assertThat(client("hard", 0, "HmacSHA1", "elder").allocate().error()).isEqualTo(401);
        assertThat(loop.allocations.size()).isZero();
    }

    private TestClient client(String tenant, int seconds, String hmac, String secret) {
        String name = TurnUsername.rest(loop.time.instant().plusSeconds(seconds), tenant, "al");
        TestClient client = loop.client(name);
        client.becomes(name, TurnUsername.restPassword(hmac, secret.getBytes(StandardCharsets.UTF_8), name));
        return client;
    }
}
