package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.turnpike.contract.AccessToken;
import io.turnpike.contract.TurnUsername;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.allocation.FakeStream;
import io.turnpike.node.auth.AuthFailure;
import io.turnpike.node.auth.Revocations.Revocation;
import io.turnpike.node.auth.SharedSecret;
import io.turnpike.node.auth.Tenant;
import io.turnpike.node.event.AllocationEnded;
import io.turnpike.node.event.AllocationRejected;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.event.EndReason;
import io.turnpike.node.event.TenantUsageReported;
import io.turnpike.node.event.UsageSampled;
import io.turnpike.node.quota.QuotaPolicy;
import io.turnpike.stun.ChannelNumber;
import io.turnpike.stun.ConnectionId;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.MobilityTicket;
import io.turnpike.stun.Octets;
import io.turnpike.stun.RequestedTransport;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.XorPeerAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the control plane takes back: suspended and deleted tenants, revoked credentials, and the allocations under them. */
class RevocationTest {
    private static final InetSocketAddress PEER = FakeSockets.address("203.0.114.1", 9_000);
    private static final byte[] TOKEN_KEY = "01234567890123456789012345678901".getBytes(StandardCharsets.US_ASCII);
    private static final String SERVER_NAME = "turn.example";
    private static final Duration MONTH = Duration.ofDays(30);

    private OneLoop loop = new OneLoop(ConfigFactory.parseString("""
            auth.server-name = "turn.example"
            tenants = [
              { id = demo, access-token-keys = [{ id = k1, key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=" }] }
              { id = acme, secrets = [{ id = k, secret = elder }] }
              { id = old, secrets = [] }
            ]"""));
    private int newcomers;

    @Test
    void suspendingATenantEndsItsAllocationsAndRefusesEveryRequest() {
        TestClient first = loop.client("al");
        TestClient second = loop.client("bo");
        TestClient stranger = loop.client("old/cy");
        for (TestClient each : List.of(first, second, stranger)) {
            each.allocate();
            each.permit(PEER);
        }

        suspend("demo");
        loop.settle();

        assertThat(loop.allocations.size()).isOne();
        assertThat(loop.sockets.open()).hasSize(1);
        assertThat(loop.allocations.permissions()).isOne();
        assertEnded(EndReason.ADMIN, EndReason.ADMIN);
        assertThat(loop.events(UsageSampled.class)).filteredOn(UsageSampled::finalSample).hasSize(2);
        assertRefused(first);
        assertThat(loop.requestLog.unauthenticated(AuthFailure.SUSPENDED_TENANT)).isPositive();
        stranger.send(PEER, new byte[10]);
        assertThat(loop.sockets.sent()).hasSize(1);
        assertThat(stranger.request(StunMethod.REFRESH).isSuccess()).isTrue();
    }

    @Test
    void aTenantThatServesAgainAllocatesAtOnce() {
        TestClient client = loop.client("al");
        client.allocate();
        suspend("demo");
        loop.settle();

        loop.tenants.put(tenant("demo", true));

        assertThat(client.allocate().isSuccess()).isTrue();
        loop.pass(Duration.ofSeconds(1));
        assertThat(loop.allocations.size()).isOne();
    }

    /** What counts is what holds now: a relay that was away does not see what came in between either. */
    @Test
    void aSuspensionThatIsOverBeforeTheLoopCouldLookEndsNothing() {
        TestClient client = loop.client("al");
        client.allocate();
        List<TestClient> more = allocate("al", 99);
        loop.tenants.put(tenant("demo", false));
        assertThat(loop.allocations.size()).as("one turn").isEqualTo(100 - 32);
        loop.tenants.put(tenant("demo", true));
        loop.settle();

        assertThat(loop.allocations.size()).isEqualTo(100 - 32);
        assertThat(more).hasSize(99);
    }

    @Test
    void deletingATenantEndsItsAllocations() {
        loop.tenants.put(tenant("beta", true));
        TestClient client = signed("beta", "al", OptionalLong.empty());
        assertThat(client.allocate().isSuccess()).isTrue();

        loop.tenants.remove("beta");
        loop.settle();

        assertThat(loop.allocations.size()).isZero();
        assertEnded(EndReason.ADMIN);
        assertRefused(client);
    }

    @Test
    void aTenantOfTheConfigurationGoesOnWithoutItsRecord() {
        loop.tenants.put(tenant("demo", true));
        loop.client("al").allocate();

        loop.tenants.remove("demo");
        loop.settle();

        assertThat(loop.allocations.size()).isOne();
    }

    @Test
    void revokingAUserEndsItsAllocationsAndNobodyElses() {
        TestClient revoked = loop.client("al");
        TestClient sameTenant = loop.client("bo");
        TestClient sameName = signed("acme", "al", OptionalLong.empty());
        for (TestClient each : List.of(revoked, sameTenant, sameName)) {
            assertThat(each.allocate().isSuccess()).isTrue();
        }

        revoke("demo", "al");
        loop.settle();

        assertThat(revoked.allocation()).isNull();
        assertThat(sameTenant.allocation()).isNotNull();
        assertThat(sameName.allocation()).isNotNull();
        assertEnded(EndReason.ADMIN);
        assertRefused(revoked);
        assertThat(loop.requestLog.unauthenticated(AuthFailure.REVOKED)).isPositive();
        assertThat(loop.requestLog.unauthenticated(AuthFailure.STALE_NONCE)).isZero();
    }

    @Test
    void aWrongPasswordOfARevokedUserLearnsNothing() {
        revoke("demo", "al");
        TestClient client = loop.client("al");
        client.becomes("al", "wrong");

        assertThat(client.allocate().error()).isEqualTo(401);
        assertThat(loop.requestLog.unauthenticated(AuthFailure.WRONG_PASSWORD)).isOne();
        assertThat(loop.requestLog.unauthenticated(AuthFailure.REVOKED)).isZero();
    }

    @Test
    void takesWhatShowsThatItWasIssuedLaterAndNothingOfTheSameSecond() {
        long now = loop.time.instant().getEpochSecond();
        TestClient earlier = signed("acme", "al", OptionalLong.of(now - 1));
        TestClient sameSecond = signed("acme", "al", OptionalLong.of(now));
        TestClient later = signed("acme", "al", OptionalLong.of(now + 1));
        for (TestClient each : List.of(earlier, sameSecond, later)) {
            assertThat(each.allocate().isSuccess()).isTrue();
        }

        loop.tenants.revoke("acme", "al", revocation(loop.time.instant().plusMillis(900)));
        loop.settle();

        assertRefused(earlier);
        assertRefused(sameSecond);
        assertThat(later.request(StunMethod.REFRESH).isSuccess()).isTrue();
        assertThat(signed("acme", "al", OptionalLong.of(now + 2)).allocate().isSuccess()).isTrue();
        assertThat(loop.allocations.size()).isEqualTo(2);
    }

    @Test
    void aNameThatDoesNotSayWhenItWasIssuedIsRefusedUntilAllOlderOnesHaveRunOut() {
        revoke("acme", "al");

        TestClient client = signed("acme", "al", OptionalLong.empty());
        assertThat(client.allocate().error()).isEqualTo(401);
        loop.time.advance(MONTH);
        TestClient next = signed("acme", "al", OptionalLong.empty());
        assertThat(next.allocate().isSuccess()).isTrue();
    }

    @Test
    void aStaticUserStaysRefused() {
        revoke("demo", "al");
        loop.time.advance(MONTH.multipliedBy(2));

        assertThat(loop.client("al").allocate().error()).isEqualTo(401);
        loop.tenants.forgive("demo", "al");
        assertThat(loop.client("al").allocate().isSuccess()).isTrue();
    }

    @Test
    void aLedgerWhoseClockWasSetBackBringsNothingBack() {
        Instant now = loop.time.instant();
        loop.tenants.revoke("acme", "al", revocation(now));
        loop.tenants.revoke("acme", "al", revocation(now.minusSeconds(60)));

        assertThat(signed("acme", "al", OptionalLong.of(now.getEpochSecond() - 5)).allocate().error()).isEqualTo(401);
    }

    @Test
    void anAccessTokenGoesByItsOwnTime() {
        TestClient old = loop.client("k1");
        take(old, loop.time.instant().minusSeconds(10));
        TestClient refreshed = loop.client("k1");
        take(refreshed, loop.time.instant().minusSeconds(10));
        old.allocate();
        refreshed.allocate();
        take(refreshed, loop.time.instant());
        assertThat(refreshed.request(StunMethod.REFRESH).isSuccess()).isTrue();

        loop.tenants.revoke("demo", "alice", revocation(loop.time.instant().minusSeconds(5)));
        loop.settle();

        assertThat(old.allocation()).isNull();
        assertRefused(old);
        refreshed.forgetsItsToken();
        assertThat(refreshed.permit(PEER).isSuccess()).isTrue();
        take(refreshed, loop.time.instant().minusSeconds(6));
        assertThat(refreshed.request(StunMethod.REFRESH).error()).as("an older one").isEqualTo(401);
    }

    @Test
    void closesTheConnectionsOfATcpAllocation() {
        TestClient client = loop.streamClient("al");
        client.request(StunMethod.ALLOCATE, new RequestedTransport(RequestedTransport.TCP));
        client.request(StunMethod.CONNECT, new XorPeerAddress(PEER));
        FakeStream waiting = loop.sockets.listening().get(0).connecting().get(PEER);
        waiting.opens();
        int id = client.answer().attribute(ConnectionId.class).id();

        revoke("demo", "al");
        loop.settle();

        assertThat(waiting.isOpen()).isFalse();
        assertThat(loop.sockets.listening()).isEmpty();
        assertThat(loop.allocations.connections().size()).isZero();
        TestClient data = loop.streamClient("al");
        assertThat(data.request(StunMethod.CONNECTION_BIND, new ConnectionId(id)).error()).isEqualTo(401);
    }

    @Test
    void endsAnAllocationThatMovedAndOneWhoseClientIsAway() {
        TestClient home = loop.client("al");
        MobilityTicket ticket = ticket(home.allocate(new MobilityTicket(Octets.of())));
        TestClient next = loop.client("al");
        next.request(StunMethod.REFRESH, ticket);
        next.request(StunMethod.REFRESH);
        TestClient away = loop.streamClient("al");
        MobilityTicket lost = ticket(away.allocate(new MobilityTicket(Octets.of())));
        loop.turn.disconnected(away.leg());
        assertThat(loop.allocations.size()).isEqualTo(2);

        revoke("demo", "al");
        loop.settle();

        assertThat(loop.allocations.size()).isZero();
        assertThat(loop.allocations.mobility().size()).isZero();
        assertThat(loop.sockets.open()).isEmpty();
        loop.tenants.forgive("demo", "al");
        assertThat(loop.client("al").request(StunMethod.REFRESH, lost).error()).isEqualTo(437);
    }

    @Test
    void tellsTheQuotaThatTheyAreGone() {
        loop.client("al").allocate();
        assertThat(reportedAllocations()).isOne();

        revoke("demo", "al");
        loop.settle();

        assertThat(reportedAllocations()).isZero();
    }

    /** The request is authenticated, the quota's answer comes late, and in between the credential is taken back. */
    @Test
    void anAllocateThatWaitedForTheQuotaMakesNothingUnderARevokedCredential() {
        List<Runnable> answers = loop.holdAdmissions();
        TestClient client = loop.client("al");
        client.allocate();

        revoke("demo", "al");
        loop.settle();
        answers.get(0).run();

        Answer answer = client.answer();
        assertThat(answer.error()).isEqualTo(403);
        assertThat(answer.isSigned()).isTrue();
        assertThat(loop.allocations.size()).isZero();
        assertThat(loop.sockets.open()).isEmpty();
        assertThat(loop.events(AllocationRejected.class)).extracting(AllocationRejected::errorCode)
                .containsExactly(403);
        assertThat(client.allocate().error()).isEqualTo(401);
    }

    @Test
    void anAllocateThatWaitedForTheQuotaMakesNothingForASuspendedTenant() {
        List<Runnable> answers = loop.holdAdmissions();
        TestClient client = loop.client("al");
        client.allocate();

        suspend("demo");
        loop.settle();
        answers.get(0).run();

        assertThat(client.answer().error()).isEqualTo(403);
        assertThat(loop.sockets.open()).isEmpty();
    }

    @Test
    void endsAtMostSoManyInATurnAndLooksAtOthersOnTheWay() {
        loop = new OneLoop(QuotaPolicy.OFF, 50_000, 54_999);
        allocate("al", 200);
        TestClient other = loop.client("bo");
        other.allocate();
        allocate("al", 200);

        revoke("demo", "al");
        int turns = 1;
        for (int before = 401; loop.allocations.size() > 1; turns++) {
            assertThat(before - loop.allocations.size()).as("turn " + turns).isBetween(1, 32);
            before = loop.allocations.size();
            assertThat(other.permit(PEER).isSuccess()).as("served between turns").isTrue();
            loop.turn();
        }

        loop.settle();
        assertThat(other.allocation()).isNotNull();
        assertThat(loop.events(AllocationEnded.class)).hasSize(400);
    }

    @Test
    void looksOnceForAllThatComesInATick() {
        allocate("al", 2);
        revoke("demo", "al");
        loop.settle();
        allocate("bo", 2);

        revoke("demo", "bo");
        assertThat(loop.turn()).as("waits for the tick").isFalse();
        assertThat(loop.allocations.size()).isEqualTo(2);
        loop.pass(Duration.ofMillis(100));
        loop.settle();

        assertThat(loop.allocations.size()).isZero();
    }

    /** Between the turns of a review allocations come, go, move and are taken back from others; none is overlooked. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void overlooksNoneWhileAllocationsComeAndGo(long seed) {
        loop = new OneLoop(QuotaPolicy.OFF, 50_000, 59_999);
        Random random = new Random(seed);
        List<TestClient> live = new ArrayList<>();
        IntStream.range(0, 700 + random.nextInt(1_500))
                .forEach(i -> live.addAll(allocate(random.nextBoolean() ? "al" : "bo", 1)));

        revoke("demo", "al");
        boolean second = false;
        for (int turn = 0; loop.turn() || turn < 5; turn++) {
            int changes = random.nextInt(60);
            for (int i = 0; i < changes; i++) {
                if (live.isEmpty() || random.nextInt(3) == 0) {
                    live.addAll(allocate("al", 1));
                    live.addAll(allocate("bo", 1));
                } else {
                    release(live.remove(random.nextInt(live.size())));
                }
            }
            if (!second && random.nextInt(8) == 0) {
                second = true;
                revoke("demo", "bo");
            }
            if (random.nextInt(4) == 0) {
                loop.pass(Duration.ofMillis(100));
            }
        }
        loop.pass(Duration.ofMillis(200));
        loop.settle();

        boolean bothRevoked = second;
        assertThat(live).allSatisfy(client -> assertThat(client.allocation() == null || !bothRevoked
                && client.allocation().owner().userId().equals("bo")).isTrue());
        long left = live.stream().filter(client -> client.allocation() != null).count();
        assertThat(loop.allocations.size()).isEqualTo((int) left);
        assertThat(loop.sockets.open()).hasSize((int) left);
    }

    private static void release(TestClient client) {
        if (client.allocation() != null) {
            client.request(StunMethod.REFRESH, new Lifetime(0));
        }
    }

    private List<TestClient> allocate(String user, int count) {
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (++newcomers % 500 == 0) {
                loop.pass(Duration.ofSeconds(1)); // strangers of one network are answered so many a second
            }
            TestClient client = loop.client(user);
            client.allocate();
            clients.add(client);
        }
        return clients;
    }

    private int reportedAllocations() {
        loop.pass(Duration.ofSeconds(1));
        loop.quota.runDue();
        List<TenantUsageReported> reports = loop.events(TenantUsageReported.class);
        return reports.get(reports.size() - 1).activeAllocations();
    }

    private void suspend(String tenantId) {
        loop.tenants.put(tenant(tenantId, false));
    }

    private void revoke(String tenantId, String userId) {
        loop.tenants.revoke(tenantId, userId, revocation(loop.time.instant()));
    }

    private static Revocation revocation(Instant at) {
        return new Revocation(at, at.plus(MONTH));
    }

    private static Tenant tenant(String id, boolean active) {
        return new Tenant(id, active, List.of(new SharedSecret("k", SharedSecret.Algorithm.HMAC_SHA1, "elder")),
                Tenant.ChannelNumbers.RFC8656, Tenant.BillableRule.BOTH_DIRECTIONS);
    }

    /** A client with a TURN REST credential, which says when it was issued where that is given. */
    private TestClient signed(String tenant, String user, OptionalLong issuedAt) {
        Instant end = loop.time.instant().plusSeconds(3_600);
        String name = issuedAt.isPresent()
                ? TurnUsername.rest(end, Instant.ofEpochSecond(issuedAt.getAsLong()), tenant, user)
                : TurnUsername.rest(end, tenant, user);
        TestClient client = loop.client(name);
        client.becomes(name, TurnUsername.restPassword("HmacSHA1", "elder".getBytes(StandardCharsets.UTF_8), name));
        return client;
    }

    private static void take(TestClient client, Instant issuedAt) {
        AccessToken token = AccessToken.issue(issuedAt, Duration.ofHours(1), Optional.of("alice"));
        client.takesToken("k1", token.macKey(), token.seal(TOKEN_KEY, SERVER_NAME));
    }

    private static MobilityTicket ticket(Answer answer) {
        return answer.attribute(MobilityTicket.class);
    }

    /** 401 for every method, with all that a client needs to come with another credential. */
    private void assertRefused(TestClient client) {
        XorPeerAddress peer = new XorPeerAddress(PEER);
        assertThat(client.allocate().error()).isEqualTo(401);
        assertThat(client.request(StunMethod.REFRESH).error()).isEqualTo(401);
        assertThat(client.request(StunMethod.REFRESH, new Lifetime(0)).error()).isEqualTo(401);
        assertThat(client.request(StunMethod.CREATE_PERMISSION, peer).error()).isEqualTo(401);
        assertThat(client.request(StunMethod.CHANNEL_BIND, new ChannelNumber(0x4000), peer).error()).isEqualTo(401);
        assertThat(client.request(StunMethod.CONNECT, peer).error()).isEqualTo(401);
    }

    private void assertEnded(EndReason... reasons) {
        assertThat(loop.events(AllocationEnded.class)).extracting(AllocationEnded::reason).containsExactly(reasons);
        assertThat(loop.events(AllocationEnded.class)).extracting(AllocationEnded::transport)
                .containsOnly(ClientTransport.UDP);
    }
}
