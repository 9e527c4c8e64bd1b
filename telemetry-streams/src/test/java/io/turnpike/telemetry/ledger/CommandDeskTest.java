package io.turnpike.telemetry.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.CommandKind;
import io.turnpike.control.v1.AuditChange;
import io.turnpike.contract.RecordCodec;
import io.turnpike.control.v1.AccessTokenKey;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.BillableRule;
import io.turnpike.control.v1.ChannelNumbers;
import io.turnpike.control.v1.CommandRefusal;
import io.turnpike.control.v1.CredentialExpiry;
import io.turnpike.control.v1.DeleteTenant;
import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.PutQuota;
import io.turnpike.control.v1.PutTenant;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.RevokeCredential;
import io.turnpike.control.v1.SecretAlgorithm;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.control.v1.TenantRecord;
import io.turnpike.control.v1.TenantSecret;
import io.turnpike.control.v1.TenantStatus;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandDeskTest {
    static {
        RecordCodec.prepareAvro();
    }

    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final TenantSecret SECRET = secret("k1");

    private final HeapStore store = new HeapStore();
    private final CommandDesk desk = new CommandDesk(store);
    private int commands;

    private static TenantSecret secret(String id) {
        return new TenantSecret(id, SecretAlgorithm.HMAC_SHA1, ByteBuffer.wrap(new byte[40]));
    }

    private static PutTenant tenant(List<TenantSecret> secrets) {
        return PutTenant.newBuilder().setDisplayName("Acme").setStatus(TenantStatus.ACTIVE).setSecrets(secrets)
                .setChannelNumbers(ChannelNumbers.RFC8656).setBillableRule(BillableRule.BOTH_DIRECTIONS).build();
    }

    private static PutQuota hard(long volume) {
        return new PutQuota(LedgerWorld.policy(77, QuotaMode.HARD, volume, QuotaPeriodKind.MONTH, "UTC"));
    }

    private TenantCommand command(Object action, Long ifMatch) {
        return TenantCommand.newBuilder().setCommandId("c" + commands++).setTenantId("acme").setActor("ops")
                .setIssuedAt(NOW).setIfMatch(ifMatch).setAction(action).build();
    }

    private CommandDecision decide(Object action, Long ifMatch) {
        return decide(command(action, ifMatch));
    }

    private CommandDecision decide(TenantCommand command) {
        CommandDecision decision = desk.decide(command, NOW);
        if (!decision.repeated()) {
            store.audits.add(decision.audit());
        }
        return decision;
    }

    private static void assertRefused(CommandDecision decision, CommandRefusal refusal, String field) {
        assertThat(decision.audit().getKind()).isEqualTo(AuditKind.COMMAND_REFUSED);
        assertThat(decision.audit().getRefusal()).isEqualTo(refusal);
        assertThat(decision.audit().getField()).isEqualTo(field);
        assertThat(decision.tenant()).isEmpty();
        assertThat(decision.policy()).isEmpty();
        assertThat(decision.revocation()).isEmpty();
    }

    @Test
    void createsATenantAndAnswersWithItsVersion() {
        CommandDecision decision = decide(tenant(List.of(SECRET)), null);
        assertThat(decision.audit().getKind()).isEqualTo(AuditKind.COMMAND_APPLIED);
        assertThat(decision.audit().getCommandId()).isEqualTo("c0");
        assertThat(decision.audit().getActor()).isEqualTo("ops");
        assertThat(decision.audit().getVersion()).isEqualTo(1);
        assertThat(decision.audit().getCreated()).isTrue();
        assertThat(decision.tenant().orElseThrow().getSecrets()).containsExactly(SECRET);
        assertThat(store.tenant("acme")).isEqualTo(decision.tenant());
    }

    @Test
    void auditsWhatACommandAskedForAndChanged() {
        QuotaAudit made = decide(tenant(List.of(SECRET)), null).audit();
        QuotaAudit suspended = decide(PutTenant.newBuilder(tenant(List.of(secret("k2"))))
                .setStatus(TenantStatus.SUSPENDED).build(), null).audit();
        QuotaAudit limited = decide(hard(100), null).audit();
        QuotaAudit raised = decide(hard(200), null).audit();
        QuotaAudit revoked = decide(new RevokeCredential("al"), null).audit();
        QuotaAudit deleted = decide(new DeleteTenant(), null).audit();

        assertThat(List.of(made, suspended, limited, raised, revoked, deleted)).extracting(QuotaAudit::getCommand)
                .containsExactly(CommandKind.PUT_TENANT, CommandKind.PUT_TENANT, CommandKind.PUT_QUOTA,
                        CommandKind.PUT_QUOTA, CommandKind.REVOKE_CREDENTIAL, CommandKind.DELETE_TENANT);
        assertThat(made.getChanges()).contains(new AuditChange("displayName", "", "\"Acme\""));
        assertThat(suspended.getTenantStatus()).isEqualTo(TenantStatus.SUSPENDED);
        assertThat(suspended.getChanges()).containsExactly(
                new AuditChange("status", "\"ACTIVE\"", "\"SUSPENDED\""),
                new AuditChange("secrets", "[\"k1\"]", "[\"k2\"]"));
        assertThat(limited.getChanges()).extracting(AuditChange::getField).contains("mode", "volumeBytes",
                "timeZone");
        assertThat(raised.getChanges()).containsExactly(new AuditChange("volumeBytes", "100", "200"));
        assertThat(revoked.getSubject()).isEqualTo("al");
        assertThat(deleted.getTenantStatus()).isEqualTo(TenantStatus.DELETED);
    }

    @Test
    void nullSecretsKeepThoseThatTheTenantHasAndAnEmptyListRemovesThem() {
        decide(tenant(List.of(SECRET)), null);
        TenantRecord kept = decide(tenant(null), null).tenant().orElseThrow();
        assertThat(kept.getSecrets()).containsExactly(SECRET);
        assertThat(kept.getVersion()).isEqualTo(2);
        assertThat(decide(tenant(List.of()), null).tenant().orElseThrow().getSecrets()).isEmpty();
    }

    @Test
    void nullAccessTokenKeysKeepThoseThatTheTenantHasAndTheListsAreReplaced() {
        AccessTokenKey key = new AccessTokenKey("t1", ByteBuffer.wrap(new byte[28 + 32]));
        decide(PutTenant.newBuilder(tenant(null)).setCredentialExpiry(CredentialExpiry.HARD_CUT)
                .setAccessTokenKeys(List.of(key)).setServerNames(List.of("turn.acme.example"))
                .setPeerAllow(List.of("10.0.0.0/8")).setPeerDeny(List.of("fc00::/7", "192.0.2.1")).build(), null);
        TenantRecord first = store.tenant("acme").orElseThrow();
        assertThat(first.getCredentialExpiry()).isEqualTo(CredentialExpiry.HARD_CUT);
        assertThat(first.getServerNames()).containsExactly("turn.acme.example");
        assertThat(first.getPeerAllow()).containsExactly("10.0.0.0/8");
        assertThat(first.getPeerDeny()).containsExactly("fc00::/7", "192.0.2.1");

        TenantRecord second = decide(tenant(null), null).tenant().orElseThrow();
        assertThat(second.getAccessTokenKeys()).containsExactly(key);
        assertThat(second.getCredentialExpiry()).isEqualTo(CredentialExpiry.ALLOCATE);
        assertThat(second.getServerNames()).isEmpty();
        assertThat(decide(new DeleteTenant(), null).tenant().orElseThrow().getAccessTokenKeys()).isEmpty();
    }

    @Test
    void refusesTokenKeysNamesAndBlocksThatNoRelayCouldUse() {
        PutTenant plain = tenant(null);
        AccessTokenKey shorter = new AccessTokenKey("t1", ByteBuffer.wrap(new byte[28 + 24]));
        AccessTokenKey good = new AccessTokenKey("t1", ByteBuffer.wrap(new byte[28 + 16]));
        assertRefused(decide(PutTenant.newBuilder(plain).setAccessTokenKeys(List.of(shorter)).build(), null),
                CommandRefusal.INVALID, "accessTokenKeys");
        assertRefused(decide(PutTenant.newBuilder(plain).setAccessTokenKeys(List.of(good, good)).build(), null),
                CommandRefusal.INVALID, "accessTokenKeys");
        assertRefused(decide(PutTenant.newBuilder(plain).setCredentialExpiry(CredentialExpiry.UNKNOWN).build(), null),
                CommandRefusal.INVALID, "credentialExpiry");
        for (String name : List.of("", "Turn.example", "a..b", "-a", "a_b", "a".repeat(64), "a.".repeat(127) + "a")) {
            assertRefused(decide(PutTenant.newBuilder(plain).setServerNames(List.of(name)).build(), null),
                    CommandRefusal.INVALID, "serverNames");
        }
        for (String block : List.of("", "10.0.0.0/33", "10.1.0.0/8", "fc00::/129", "fe80::1%eth0",
                "::ffff:10.0.0.0/104",
                "example.org", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/+8")) {
            assertRefused(decide(PutTenant.newBuilder(plain).setPeerAllow(List.of(block)).build(), null),
                    CommandRefusal.INVALID, "peerAllow");
            assertRefused(decide(PutTenant.newBuilder(plain).setPeerDeny(List.of("0.0.0.0/0", block)).build(), null),
                    CommandRefusal.INVALID, "peerDeny");
        }
    }

    @Test
    void refusesAWriterThatHasSeenAnotherVersion() {
        decide(tenant(null), 0L);
        CommandDecision second = decide(tenant(null), 0L);
        assertRefused(second, CommandRefusal.VERSION_MISMATCH, "");
        assertThat(second.audit().getVersion()).as("the version that is there").isEqualTo(1);
        assertThat(decide(tenant(null), 1L).audit().getVersion()).isEqualTo(2);
        assertRefused(decide(new DeleteTenant(), 1L), CommandRefusal.VERSION_MISMATCH, "");
        assertThat(store.tenant("acme").orElseThrow().getVersion()).isEqualTo(2);
    }

    @Test
    void deletingKeepsTheVersionGoingAndForgetsTheSecrets() {
        decide(tenant(List.of(SECRET)), null);
        TenantRecord deleted = decide(new DeleteTenant(), 1L).tenant().orElseThrow();
        assertThat(deleted.getStatus()).isEqualTo(TenantStatus.DELETED);
        assertThat(deleted.getSecrets()).isEmpty();
        assertRefused(decide(new DeleteTenant(), null), CommandRefusal.NOT_FOUND, "");
        assertRefused(decide(hard(1), null), CommandRefusal.NOT_FOUND, "");
        assertRefused(decide(new RevokeCredential("al"), null), CommandRefusal.NOT_FOUND, "");
        CommandDecision again = decide(tenant(null), 0L);
        assertThat(again.audit().getVersion()).isEqualTo(3);
        assertThat(again.audit().getCreated()).isTrue();
        assertThat(again.tenant().orElseThrow().getSecrets()).as("secrets do not come back").isEmpty();
    }

    @Test
    void issuesPolicyEpochsThatGoOnOverDeletion() {
        decide(tenant(null), null);
        CommandDecision first = decide(hard(5), 0L);
        assertThat(first.policy().orElseThrow().getPolicyEpoch()).isEqualTo(1);
        assertThat(first.audit().getCreated()).isTrue();
        assertThat(first.audit().getVersion()).isEqualTo(1);
        assertThat(decide(hard(6), 1L).policy().orElseThrow().getPolicyEpoch()).isEqualTo(2);
        assertRefused(decide(hard(7), 1L), CommandRefusal.VERSION_MISMATCH, "");
        decide(new DeleteTenant(), null);
        decide(tenant(null), null);
        assertThat(decide(hard(8), null).policy().orElseThrow().getPolicyEpoch()).isEqualTo(3);
    }

    @Test
    void aPolicyCannotBeWrittenForAnotherTenantThanTheCommandNames() {
        decide(tenant(null), null);
        QuotaPolicy foreign = QuotaPolicy.newBuilder(hard(5).getPolicy()).setTenantId("rival").build();
        assertThat(decide(new PutQuota(foreign), null).policy().orElseThrow().getTenantId()).isEqualTo("acme");
    }

    @Test
    void revokesCredentialsThatWereIssuedUntilNow() {
        decide(tenant(null), null);
        CommandDecision decision = decide(new RevokeCredential("al"), null);
        assertThat(decision.revocation().orElseThrow().getRevokedAt()).isEqualTo(NOW);
        assertThat(decision.revocation().orElseThrow().getUserId()).isEqualTo("al");
        assertThat(decision.revocation().orElseThrow().getExpiresAt()).isAfter(NOW);
    }

    @Test
    void aRevocationIsNeverEarlierThanTheOneBefore() {
        decide(tenant(null), null);
        decide(new RevokeCredential("al"), null);
        CommandDecision early = new CommandDesk(store).decide(command(new RevokeCredential("al"), null),
                NOW.minusSeconds(60));
        assertThat(early.revocation().orElseThrow().getRevokedAt()).isEqualTo(NOW);
        assertThat(store.revocation("acme", "al")).isEqualTo(early.revocation());
        assertThat(store.revocation("acme", "bo")).isEmpty();
    }

    @Test
    void aCommandThatComesTwiceIsCarriedOutOnceAndAnsweredTwice() {
        TenantCommand put = command(tenant(null), null);
        CommandDecision first = decide(put);
        CommandDecision second = decide(put);
        assertThat(second.repeated()).isTrue();
        assertThat(second.audit()).isEqualTo(first.audit());
        assertThat(second.tenant()).isEmpty();
        assertThat(store.tenant("acme").orElseThrow().getVersion()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mode", "period", "timeZone", "anchor", "volumeBytes", "userVolumeBytes",
        "rateBitsPerSecond", "userRateBitsPerSecond", "allocationRateBitsPerSecond", "maxAllocations",
        "maxAllocationsPerUser", "warnPercents", "tailPercent", "safeRateBitsPerSecond", "graceBytes", "onControlLoss"})
    void refusesAPolicyThatNothingCouldEnforceAndNamesTheField(String field) {
        decide(tenant(null), null);
        UnaryOperator<QuotaPolicy.Builder> fault = switch (field) {
            case "mode" -> policy -> policy.setMode(QuotaMode.UNKNOWN);
            case "period" -> policy -> policy.setPeriod(QuotaPeriodKind.UNKNOWN);
            case "timeZone" -> policy -> policy.setTimeZone("Middle/Earth");
            case "anchor" -> policy -> policy.setAnchor(29);
            case "userVolumeBytes" -> policy -> policy.setUserVolumeBytes(-1L);
            case "volumeBytes" -> policy -> policy.setVolumeBytes(-1L);
            case "rateBitsPerSecond" -> policy -> policy.setRateBitsPerSecond(7_999L);
            case "userRateBitsPerSecond" -> policy -> policy.setUserRateBitsPerSecond(0L);
            case "allocationRateBitsPerSecond" -> policy -> policy.setAllocationRateBitsPerSecond(Long.MAX_VALUE);
            case "maxAllocations" -> policy -> policy.setMaxAllocations(-1);
            case "maxAllocationsPerUser" -> policy -> policy.setMaxAllocationsPerUser(-1);
            case "warnPercents" -> policy -> policy.setWarnPercents(List.of(95, 80));
            case "tailPercent" -> policy -> policy.setTailPercent(51);
            case "safeRateBitsPerSecond" -> policy -> policy.setSafeRateBitsPerSecond(7_999);
            case "graceBytes" -> policy -> policy.setGraceBytes(-1);
            default -> policy -> policy.setOnControlLoss(OnControlLoss.UNKNOWN);
        };
        QuotaPolicy broken = fault.apply(QuotaPolicy.newBuilder(hard(5).getPolicy())).build();
        assertRefused(decide(new PutQuota(broken), null), CommandRefusal.INVALID, field);
        assertThat(store.policy("acme")).isEmpty();
    }

    @Test
    void takesCapsOfRateAndAllocations() {
        decide(tenant(null), null);
        QuotaPolicy capped = QuotaPolicy.newBuilder(hard(5).getPolicy()).setRateBitsPerSecond(10_000_000L)
                .setUserRateBitsPerSecond(2_000_000L).setAllocationRateBitsPerSecond(1_000_000L).setMaxAllocations(0)
                .setMaxAllocationsPerUser(3).build();
        decide(new PutQuota(capped), null);
        assertThat(store.policy("acme").orElseThrow()).extracting(QuotaPolicy::getRateBitsPerSecond,
                QuotaPolicy::getUserRateBitsPerSecond, QuotaPolicy::getAllocationRateBitsPerSecond,
                QuotaPolicy::getMaxAllocations, QuotaPolicy::getMaxAllocationsPerUser)
                .containsExactly(10_000_000L, 2_000_000L, 1_000_000L, 0, 3);
    }

    @Test
    void refusesTenantsThatRelaysCouldNotFollow() {
        assertRefused(decide(PutTenant.newBuilder(tenant(null)).setStatus(TenantStatus.DELETED).build(), null),
                CommandRefusal.INVALID, "status");
        assertRefused(decide(PutTenant.newBuilder(tenant(null)).setDisplayName("x".repeat(257)).build(), null),
                CommandRefusal.INVALID, "displayName");
        assertRefused(decide(PutTenant.newBuilder(tenant(null)).setChannelNumbers(ChannelNumbers.UNKNOWN).build(),
                null), CommandRefusal.INVALID, "channelNumbers");
        assertRefused(decide(PutTenant.newBuilder(tenant(null)).setBillableRule(BillableRule.UNKNOWN).build(), null),
                CommandRefusal.INVALID, "billableRule");
        assertRefused(decide(tenant(List.of(SECRET, SECRET)), null), CommandRefusal.INVALID, "secrets");
        TenantSecret open = new TenantSecret("k2", SecretAlgorithm.HMAC_SHA1, ByteBuffer.wrap(new byte[6]));
        assertRefused(decide(tenant(List.of(open)), null), CommandRefusal.INVALID, "secrets");
        TenantSecret huge = new TenantSecret("k9", SecretAlgorithm.HMAC_SHA1, ByteBuffer.wrap(new byte[4_097]));
        assertRefused(decide(tenant(List.of(huge)), null), CommandRefusal.INVALID, "secrets");
        TenantCommand misnamed = TenantCommand.newBuilder(command(tenant(null), null)).setTenantId("Not|A|Tenant")
                .build();
        assertRefused(decide(misnamed), CommandRefusal.INVALID, "id");
        assertThat(store.tenant("acme")).isEmpty();
    }

    @Test
    void refusesToRevokeWhatIsNoUser() {
        decide(tenant(null), null);
        assertRefused(decide(new RevokeCredential(""), null), CommandRefusal.INVALID, "user");
    }
}
