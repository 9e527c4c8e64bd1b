package io.turnpike.node.kafka;

import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.SecretSeal;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.BillableRule;
import io.turnpike.control.v1.ChannelNumbers;
import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.Revocation;
import io.turnpike.control.v1.SecretAlgorithm;
import io.turnpike.control.v1.TenantRecord;
import io.turnpike.control.v1.TenantSecret;
import io.turnpike.control.v1.TenantStatus;
import io.turnpike.node.auth.AccessTokenKey;
import io.turnpike.node.auth.CredentialExpiry;
import io.turnpike.node.auth.SharedSecret;
import io.turnpike.node.auth.Tenant;
import io.turnpike.node.auth.TenantDirectory;
import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.quota.Admission;
import io.turnpike.node.quota.QuotaSettings;
import io.turnpike.node.quota.QuotaTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlStateTest {
    static {
        RecordCodec.prepareAvro(); // a builder copies the defaults of enums through Avro's class filter
    }

    private final SecretSeal seal = SecretSeal.withKey(SecretSeal.newKey());
    private final TenantDirectory tenants = new TenantDirectory(List.of());
    private final QuotaTable quotas = new QuotaTable(new NodeIdentity("n1", 7, 99),
            QuotaSettings.standard(io.turnpike.node.quota.QuotaPolicy.OFF, 1), System::nanoTime, Clock.systemUTC(),
            event -> {});
    private final ControlState state = new ControlState(new ControlMapping(seal), tenants, quotas);

    @TempDir
    Path dir;

    @Test
    void opensSecretsIntoTheDirectory() {
        state.apply(Topic.TENANT, "acme", tenant("acme", TenantStatus.ACTIVE, seal));
        Tenant tenant = tenants.find("acme").orElseThrow();
        assertThat(tenant.active()).isTrue();
        assertThat(tenant.secrets())
                .containsExactly(new SharedSecret("k1", SharedSecret.Algorithm.HMAC_SHA256, "s3cret"));
        assertThat(tenant.channelNumbers()).isEqualTo(Tenant.ChannelNumbers.RFC5766);
        assertThat(tenant.billableRule()).isEqualTo(Tenant.BillableRule.EGRESS_ONLY);
    }

    @Test
    void opensAccessTokenKeysAndReadsTheRulesOfATenant() {
        byte[] key = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
        byte[] sealed = seal.seal(SecretSeal.accessTokenKeyContext("acme", "t1"), key);
        byte[] moved = seal.seal(SecretSeal.accessTokenKeyContext("other", "t2"), key);
        state.apply(Topic.TENANT, "acme", RecordCodec.encode(record("acme", TenantStatus.ACTIVE, seal)
                .setCredentialExpiry(io.turnpike.control.v1.CredentialExpiry.REFRESH)
                .setAccessTokenKeys(
                        List.of(new io.turnpike.control.v1.AccessTokenKey("t1", ByteBuffer.wrap(sealed)),
                                new io.turnpike.control.v1.AccessTokenKey("t2", ByteBuffer.wrap(moved))))
                .setServerNames(List.of("turn.acme.example")).setPeerAllow(List.of("10.0.0.0/8"))
                .setPeerDeny(List.of("fc00::/7")).build()));

        Tenant tenant = tenants.find("acme").orElseThrow();
        assertThat(tenant.credentialExpiry()).isEqualTo(CredentialExpiry.REFRESH);
        assertThat(tenant.accessTokenKeys()).containsExactly(new AccessTokenKey("t1", key));
        assertThat(tenants.ofServerName("TURN.acme.example.")).contains(tenant);
        assertThat(tenant.peers().allows(10 << 24)).isTrue();
        assertThat(tenant.peers().denies(0xfc00_0000_0000_0000L, 1)).isTrue();
    }

    @Test
    void readsWhatItDoesNotKnowAsTheStricterRule() {
        state.apply(Topic.TENANT, "acme", RecordCodec.encode(record("acme", TenantStatus.ACTIVE, seal)
                .setCredentialExpiry(io.turnpike.control.v1.CredentialExpiry.UNKNOWN)
                .setPeerAllow(List.of("10.0.0.0/8", "a newer notation")).build()));

        Tenant tenant = tenants.find("acme").orElseThrow();
        assertThat(tenant.credentialExpiry()).isEqualTo(CredentialExpiry.HARD_CUT);
        assertThat(tenant.peers().allows(10 << 24)).isFalse();
        assertThat(tenant.peers().denies(0x0808_0808)).isTrue();
        assertThat(tenant.peers().denies(0x2a00_0000_0000_0000L, 1)).isTrue();
    }

    @Test
    void leavesOutASecretOfAnotherClusterKey() {
        state.apply(Topic.TENANT, "acme",
                tenant("acme", TenantStatus.ACTIVE, SecretSeal.withKey(SecretSeal.newKey())));
        assertThat(tenants.find("acme").orElseThrow().secrets()).isEmpty();
    }

    @Test
    void anUnknownStatusIsNotActive() {
        state.apply(Topic.TENANT, "acme", tenant("acme", TenantStatus.UNKNOWN, seal));
        assertThat(tenants.find("acme").orElseThrow().active()).isFalse();
    }

    @Test
    void deletesByTombstoneAndByStatus() {
        for (byte[] deletion : new byte[][]{null, tenant("acme", TenantStatus.DELETED, seal)}) {
            state.apply(Topic.TENANT, "acme", tenant("acme", TenantStatus.ACTIVE, seal));
            state.apply(Topic.TENANT, "acme", deletion);
            assertThat(tenants.find("acme")).isEmpty();
            assertThat(state.entries()).isEmpty();
        }
    }

    @Test
    void countsAndSkipsPoisonAndKeepsWhatItWouldHaveReplaced() {
        state.apply(Topic.TENANT, "acme", tenant("acme", TenantStatus.ACTIVE, seal));
        state.apply(Topic.TENANT, "acme", new byte[]{1, 2, 3});
        state.apply(Topic.TENANT, "acme", policy("acme", QuotaMode.HARD, "UTC"));
        state.apply(Topic.QUOTA_POLICY, "acme", policy("acme", QuotaMode.HARD, "Nowhere/Land"));
        assertThat(state.poison()).isEqualTo(3);
        assertThat(tenants.find("acme")).isPresent();
    }

    @Test
    void anUnknownModeIsHard() {
        quotas.controlCaughtUp();
        state.apply(Topic.QUOTA_POLICY, "acme", policy("acme", QuotaMode.UNKNOWN, "UTC"));
        assertThat(waitsForAGrant("acme")).isTrue();
    }

    @Test
    void anUnknownModeIsHardWhateverItLimits() {
        quotas.controlCaughtUp();
        state.apply(Topic.QUOTA_POLICY, "acme", RecordCodec.encode(QuotaPolicy
                .newBuilder(RecordCodec.decode(policy("acme", QuotaMode.UNKNOWN, "UTC"), QuotaPolicy.class))
                .setVolumeBytes(null).build()));
        assertThat(waitsForAGrant("acme")).isTrue();
    }

    /** The default here is OFF, which is for tenants that have no policy. */
    @Test
    void aTenantWhosePolicyCannotBeReadIsNotUnlimited() {
        quotas.controlCaughtUp();
        state.apply(Topic.QUOTA_POLICY, "acme", new byte[]{1, 2, 3});
        state.apply(Topic.QUOTA_POLICY, "zoneless", policy("zoneless", QuotaMode.OFF, "Nowhere/Land"));
        state.apply(Topic.QUOTA_POLICY, "other", policy("elsewhere", QuotaMode.OFF, "UTC"));
        assertThat(state.poison()).isEqualTo(3);
        for (String tenant : List.of("acme", "zoneless", "other")) {
            assertThat(waitsForAGrant(tenant)).as(tenant).isTrue();
        }
        assertThat(waitsForAGrant("elsewhere")).as("a tenant without a policy").isFalse();
        state.apply(Topic.QUOTA_POLICY, "acme", policy("acme", QuotaMode.OFF, "UTC"));
        assertThat(waitsForAGrant("acme")).as("once it can be read").isFalse();
    }

    @Test
    void aPolicyThatCannotBeReadLeavesTheOneBeforeInForce() {
        quotas.controlCaughtUp();
        state.apply(Topic.QUOTA_POLICY, "acme", policy("acme", QuotaMode.HARD, "UTC"));
        state.apply(Topic.QUOTA_POLICY, "bo", policy("bo", QuotaMode.OFF, "UTC"));
        for (String tenant : List.of("acme", "bo")) {
            state.apply(Topic.QUOTA_POLICY, tenant, new byte[]{1, 2, 3});
        }
        assertThat(waitsForAGrant("acme")).isTrue();
        assertThat(waitsForAGrant("bo")).isFalse();
    }

    @Test
    void aTopicThatIsEmptyNowMakesNobodyUnlimited() {
        quotas.controlCaughtUp();
        state.restore(List.of(new ControlSnapshot.Entry(Topic.QUOTA_POLICY, "acme",
                policy("acme", QuotaMode.HARD, "UTC"))));
        for (int start = 0; start < 2; start++) {
            state.beginReading();
            state.endReading();
            assertThat(waitsForAGrant("acme")).isTrue();
            assertThat(state.entries()).as("the next process knows it too").hasSize(1);
        }
        state.apply(Topic.QUOTA_POLICY, "acme", null);
        assertThat(waitsForAGrant("acme")).as("somebody deleted it").isFalse();
    }

    private boolean waitsForAGrant(String tenant) {
        List<Admission> answers = new ArrayList<>();
        quotas.admit(tenant, "al", 0, Runnable::run, answers::add);
        return answers.isEmpty();
    }

    @Test
    void aModeThatLaterBecomesReadableIsFollowed() {
        quotas.controlCaughtUp();
        state.apply(Topic.QUOTA_POLICY, "acme", policy("acme", QuotaMode.UNKNOWN, "UTC"));
        state.apply(Topic.QUOTA_POLICY, "acme", policy("acme", QuotaMode.SOFT, "UTC"));
        List<Admission> answers = new ArrayList<>();
        quotas.admit("acme", "al", 0, Runnable::run, answers::add);
        assertThat(answers).hasSize(1).first().isInstanceOf(Admission.Admitted.class);
        state.apply(Topic.QUOTA_POLICY, "acme", policy("acme", QuotaMode.UNKNOWN, "UTC"));
        assertThat(((Admission.Admitted) answers.get(0)).allowance().debit(1, CLIENT_TO_PEER))
                .as("bound to grants again").isFalse();
    }

    @Test
    void forgetsWhatTheTopicsNoLongerHold() {
        state.restore(List.of(new ControlSnapshot.Entry(Topic.TENANT, "old", tenant("old", TenantStatus.ACTIVE, seal)),
                new ControlSnapshot.Entry(Topic.TENANT, "acme", tenant("acme", TenantStatus.ACTIVE, seal))));
        assertThat(tenants.find("old")).isPresent();
        state.beginReading();
        state.apply(Topic.TENANT, "acme", tenant("acme", TenantStatus.ACTIVE, seal));
        state.endReading();
        assertThat(tenants.find("old")).isEmpty();
        assertThat(tenants.find("acme")).isPresent();
    }

    @Test
    void takesRevocationsOfUsersWithAnyName() {
        state.apply(Topic.REVOCATION, "acme|a|l", revocation("acme", "a|l"));

        assertThat(isRevoked(tenants, "a|l", SampleEvents.NOW)).isTrue();
        assertThat(isRevoked(tenants, "a|l", SampleEvents.NOW.plusSeconds(1))).isFalse();
        assertThat(isRevoked(tenants, "al", SampleEvents.NOW)).isFalse();
        state.apply(Topic.REVOCATION, "acme|a|l", null);
        assertThat(isRevoked(tenants, "a|l", SampleEvents.NOW)).isFalse();
    }

    @Test
    void skipsARevocationUnderAnothersKey() {
        state.apply(Topic.REVOCATION, "acme|bo", revocation("acme", "al"));
        state.apply(Topic.REVOCATION, "acme|al", new byte[]{1});
        state.apply(Topic.TENANT, "other", tenant("acme", TenantStatus.ACTIVE, seal));

        assertThat(state.poison()).isEqualTo(3);
        assertThat(isRevoked(tenants, "al", SampleEvents.NOW)).isFalse();
        assertThat(tenants.find("acme")).isEmpty();
    }

    @Test
    void theSnapshotBringsRevocationsBack() {
        state.apply(Topic.REVOCATION, "acme|al", revocation("acme", "al"));
        TenantDirectory later = new TenantDirectory(List.of());
        new ControlState(new ControlMapping(seal), later, quotas).restore(List.copyOf(state.entries()));

        assertThat(isRevoked(later, "al", SampleEvents.NOW)).isTrue();
    }

    @Test
    void tellsWhenSomebodyMayNoLongerHaveWhatHeHas() {
        AtomicInteger told = new AtomicInteger();
        tenants.onNarrowed(told::incrementAndGet);
        state.apply(Topic.TENANT, "acme", tenant("acme", TenantStatus.ACTIVE, seal));
        state.apply(Topic.QUOTA_POLICY, "acme", policy("acme", QuotaMode.HARD, "UTC"));
        assertThat(told).hasValue(0);

        state.apply(Topic.TENANT, "acme", tenant("acme", TenantStatus.SUSPENDED, seal));
        assertThat(told).hasValue(1);
        state.apply(Topic.TENANT, "acme", tenant("acme", TenantStatus.DELETED, seal));
        assertThat(told).hasValue(2);
        state.apply(Topic.REVOCATION, "acme|al", revocation("acme", "al"));
        assertThat(told).hasValue(3);
    }

    /** An unreadable record neither lifts a suspension nor makes a tenant. */
    @Test
    void poisonLiftsNoSuspension() {
        state.apply(Topic.TENANT, "acme", tenant("acme", TenantStatus.SUSPENDED, seal));
        state.apply(Topic.TENANT, "acme", new byte[]{1, 2, 3});
        state.apply(Topic.TENANT, "new", new byte[]{1, 2, 3});

        assertThat(tenants.find("acme").orElseThrow().active()).isFalse();
        assertThat(tenants.find("new")).isEmpty();
    }

    /** The topics are read from their beginning whenever Kafka was away, and a compacted topic may still hold old records. */
    @Test
    void aHistoryThatIsReadAgainIsNotLivedAgain() {
        AtomicInteger told = new AtomicInteger();
        state.apply(Topic.TENANT, "acme", version("acme", 3, TenantStatus.ACTIVE));
        tenants.onNarrowed(told::incrementAndGet);

        state.beginReading();
        state.apply(Topic.TENANT, "acme", version("acme", 1, TenantStatus.ACTIVE));
        state.apply(Topic.TENANT, "acme", version("acme", 2, TenantStatus.SUSPENDED));
        assertThat(tenants.serves("acme")).isTrue();
        state.apply(Topic.TENANT, "acme", version("acme", 3, TenantStatus.ACTIVE));
        state.endReading();

        assertThat(tenants.serves("acme")).isTrue();
        assertThat(told).hasValue(0);
    }

    @Test
    void aDeletedTenantDoesNotServeAgainWhileItsHistoryIsRead() {
        state.apply(Topic.TENANT, "acme", version("acme", 3, TenantStatus.DELETED));

        state.beginReading();
        state.apply(Topic.TENANT, "acme", version("acme", 2, TenantStatus.ACTIVE));
        assertThat(tenants.serves("acme")).isFalse();
        state.apply(Topic.TENANT, "acme", version("acme", 3, TenantStatus.DELETED));
        state.endReading();

        assertThat(tenants.serves("acme")).isFalse();
    }

    @Test
    void whatHappenedWhileKafkaWasAwayIsCaughtUpWith() {
        state.apply(Topic.TENANT, "acme", version("acme", 1, TenantStatus.ACTIVE));
        state.beginReading();
        state.apply(Topic.TENANT, "acme", version("acme", 1, TenantStatus.ACTIVE));
        state.apply(Topic.TENANT, "acme", version("acme", 2, TenantStatus.SUSPENDED));

        assertThat(tenants.serves("acme")).as("at once").isFalse();
    }

    /** Topics that were made anew count from one again: in the end what they say holds. */
    @Test
    void topicsThatBeganAnewHoldOnceTheyHaveBeenRead() {
        state.apply(Topic.TENANT, "acme", version("acme", 7, TenantStatus.ACTIVE));
        state.apply(Topic.TENANT, "gone", version("gone", 7, TenantStatus.ACTIVE));
        state.beginReading();
        state.apply(Topic.TENANT, "acme", version("acme", 1, TenantStatus.SUSPENDED));
        state.apply(Topic.TENANT, "gone", null);
        assertThat(tenants.serves("acme")).isTrue();
        state.endReading();

        assertThat(tenants.serves("acme")).isFalse();
        assertThat(tenants.find("gone")).isEmpty();
        state.apply(Topic.TENANT, "acme", version("acme", 2, TenantStatus.ACTIVE));
        assertThat(tenants.serves("acme")).isTrue();
    }

    @Test
    void readingAgainFromTheBeginningFollowsNothingThatWasReplaced() {
        byte[] first = RecordCodec.encode(record("acme", TenantStatus.ACTIVE, seal).build());
        state.apply(Topic.TENANT, "acme", first);
        state.apply(Topic.TENANT, "acme",
                RecordCodec
                        .encode(record("acme", TenantStatus.ACTIVE, seal).setVersion(2).setSecrets(List.of()).build()));
        state.apply(Topic.QUOTA_POLICY, "acme", policy("acme", QuotaMode.HARD, "UTC"));
        quotas.controlCaughtUp();
        state.beginReading();
        state.apply(Topic.TENANT, "acme", first);
        assertThat(tenants.find("acme").orElseThrow().secrets()).as("secrets that were taken away").isEmpty();
        state.apply(Topic.QUOTA_POLICY, "acme", RecordCodec.encode(QuotaPolicy
                .newBuilder(RecordCodec.decode(policy("acme", QuotaMode.OFF, "UTC"), QuotaPolicy.class))
                .setPolicyEpoch(2).build()));
        List<Admission> answers = new ArrayList<>();
        quotas.admit("acme", "al", 0, Runnable::run, answers::add);
        assertThat(answers).as("the hard quota holds while the topics are read again").isEmpty();
    }

    @Test
    void theSnapshotBringsTenantsBackAndShowsNobodyTheirRecords() throws IOException {
        state.apply(Topic.TENANT, "acme", tenant("acme", TenantStatus.ACTIVE, seal));
        assertThat(state.takeChanged()).isTrue();
        assertThat(state.takeChanged()).isFalse();
        Path file = dir.resolve("control.snapshot");
        new ControlSnapshot(file, seal, "n1").save(state.entries());
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)).doesNotContain("acme");

        TenantDirectory later = new TenantDirectory(List.of());
        ControlState restored = new ControlState(new ControlMapping(seal), later, quotas);
        restored.restore(new ControlSnapshot(file, seal, "n1").load());
        assertThat(later.find("acme")).isEqualTo(tenants.find("acme"));
        assertThat(restored.takeChanged()).isFalse();
    }

    @Test
    void aSnapshotOfAnotherKeyOrNodeOrWithBrokenBytesIsNone() throws IOException {
        Path file = dir.resolve("control.snapshot");
        state.apply(Topic.TENANT, "acme", tenant("acme", TenantStatus.ACTIVE, seal));
        new ControlSnapshot(file, seal, "n1").save(state.entries());
        assertThat(new ControlSnapshot(file, seal, "n1").load()).hasSize(1);
        assertThat(new ControlSnapshot(file, seal, "n2").load()).isEmpty();
        assertThat(new ControlSnapshot(file, SecretSeal.withKey(SecretSeal.newKey()), "n1").load()).isEmpty();
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        assertThat(new ControlSnapshot(file, seal, "n1").load()).isEmpty();
        assertThat(new ControlSnapshot(dir.resolve("missing"), seal, "n1").load()).isEmpty();
    }

    private static boolean isRevoked(TenantDirectory of, String userId, Instant issuedAt) {
        return of.revocations().refuse("acme", userId, OptionalLong.of(issuedAt.getEpochSecond()), Clock.systemUTC());
    }

    private static byte[] revocation(String tenantId, String userId) {
        return RecordCodec.encode(
                new Revocation(tenantId, userId, SampleEvents.NOW, SampleEvents.NOW.plusSeconds(3_600)));
    }

    private byte[] version(String id, long version, TenantStatus status) {
        return RecordCodec.encode(record(id, status, seal).setVersion(version).build());
    }

    static byte[] tenant(String id, TenantStatus status, SecretSeal seal) {
        return RecordCodec.encode(record(id, status, seal).build());
    }

    private static TenantRecord.Builder record(String id, TenantStatus status, SecretSeal seal) {
        byte[] sealed = seal.seal(SecretSeal.tenantSecretContext(id, "k1"), "s3cret".getBytes(StandardCharsets.UTF_8));
        return TenantRecord.newBuilder().setTenantId(id).setVersion(1).setDisplayName(id)
                .setStatus(status)
                .setSecrets(List.of(new TenantSecret("k1", SecretAlgorithm.HMAC_SHA256, ByteBuffer.wrap(sealed))))
                .setChannelNumbers(ChannelNumbers.RFC5766).setBillableRule(BillableRule.EGRESS_ONLY)
                .setUpdatedAt(SampleEvents.NOW);
    }

    static byte[] policy(String tenantId, QuotaMode mode, String zone) {
        return RecordCodec.encode(QuotaPolicy.newBuilder().setTenantId(tenantId).setPolicyEpoch(3).setMode(mode)
                .setPeriod(QuotaPeriodKind.MONTH).setTimeZone(zone).setVolumeBytes(1_000_000L)
                .setOnControlLoss(OnControlLoss.STOP).setUpdatedAt(SampleEvents.NOW).build());
    }
}
