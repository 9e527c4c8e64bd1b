package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Three relays at full speed under hard quotas of each {@code onControlLoss}, while whoever grants is killed, stopped or
 * cut off: what is forwarded stays within the bound that the API stated before, and the books are right afterwards.
 */
class ControlLossIT {
    private static final int RELAYS = 3;
    private static final long MIB = 1024 * 1024;
    private static final long VOLUME = 2 * MIB;
    private static final long GRACE = MIB / 2;
    private static final long SAFE_BITS_PER_SECOND = 1_200_000;
    /** More than SAFE_RATE could ever let through. */
    private static final long WITHOUT_BOUND = VOLUME + (RELAYS + 1) * GRACE;
    private static final String SECRET = "loss-secret";
    private static final Duration BOUND = Duration.ofSeconds(90);

    @TempDir
    private static Path dataDir;
    private static FaultyCluster cluster;

    private final Map<Policy, LoadedTenant> tenants = new EnumMap<>(Policy.class);
    private TurnpikeApi api;

    /** onControlLoss, and by how much it lets a tenant pass its volume. */
    private enum Policy {
        STOP(0), SAFE_RATE(RELAYS * GRACE), ALLOW(Long.MAX_VALUE - VOLUME);

        private final long overshootBytes;

        Policy(long overshootBytes) {
            this.overshootBytes = overshootBytes;
        }
    }

    /** What breaks, and which relays lose control by it. */
    private enum Outage {
        TELEMETRY_KILLED(1, 2, 3), KAFKA_STOPPED(1, 2, 3), RELAY_CUT_OFF(1), RELAY_KILLED(), RELAY_KILLED_WHILE_CUT_OFF(
                1);

        private final int[] withoutControl;

        Outage(int... withoutControl) {
            this.withoutControl = withoutControl;
        }

        String tenant(Policy policy) {
            return (name() + '-' + policy).toLowerCase(Locale.ROOT).replace('_', '-');
        }

        boolean takesControl() {
            return withoutControl.length > 0;
        }

        boolean killsARelay() {
            return this == RELAY_KILLED || this == RELAY_KILLED_WHILE_CUT_OFF;
        }
    }

    @BeforeAll
    static void startClusterWithAllTenants() throws IOException {
        cluster = FaultyCluster.start(dataDir, RELAYS);
        TurnpikeApi api = new TurnpikeApi(cluster.api());
        Stream.of(Outage.values()).parallel().forEach(outage -> {
            for (Policy policy : Policy.values()) {
                Tenants.create(cluster, outage.tenant(policy), SECRET);
                api.putHardQuota(outage.tenant(policy), VOLUME, policy.name(), SAFE_BITS_PER_SECOND, GRACE);
            }
        });
    }

    @AfterAll
    static void stopCluster() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @AfterEach
    void endCallsAndRepair() throws Exception {
        for (LoadedTenant tenant : tenants.values()) {
            tenant.end();
        }
        cluster.repair();
    }

    @ParameterizedTest
    @EnumSource
    void whatIsForwardedIsWithinTheStatedBound(Outage outage) throws Exception {
        api = new TurnpikeApi(cluster.api());
        long before = forwardedByRelays();
        beginCalls(outage);
        assertThatTheApiStatesTheBounds();
        tenants.values().forEach(tenant -> tenant.sendUpTo(VOLUME / 4 * 3));
        for (LoadedTenant tenant : tenants.values()) {
            await("all are busy").atMost(BOUND).until(() -> tenant.forwardedBytes() >= VOLUME / 2);
        }

        strike(outage);
        tenants.forEach((policy, tenant) -> tenant.sendUpTo(policy == Policy.ALLOW ? WITHOUT_BOUND : Long.MAX_VALUE));
        awaitLossOfControl(outage);
        if (outage == Outage.RELAY_KILLED_WHILE_CUT_OFF) {
            killFirstRelayWithoutControl();
        }
        if (outage.takesControl()) {
            awaitWhatEachPolicyLetsThrough(outage);
        }
        cluster.repair();
        api = new TurnpikeApi(cluster.api());
        awaitControl();

        tenants.values().forEach(tenant -> tenant.sendUpTo(Long.MAX_VALUE));
        tenants.keySet().forEach(policy -> await(policy + " is exhausted").atMost(BOUND)
                .until(() -> books(policy).state().equals("EXHAUSTED")));
        tenants.values().forEach(LoadedTenant::rest);
        assertThatBoundsHold();
        assertThatBooksMatch(outage, before);
        assertThatLossIsTold(outage);
        raiseVolumesAndAwaitService();
        assertThatBooksMatch(outage, before);
    }

    private void beginCalls(Outage outage) {
        for (Policy policy : Policy.values()) {
            LoadedTenant tenant = new LoadedTenant(cluster, outage.tenant(policy), SECRET);
            tenants.put(policy, tenant);
            await("armed").atMost(BOUND).until(() -> !books(policy).isArming());
            IntStream.rangeClosed(1, RELAYS).forEach(tenant::call);
        }
    }

    private void assertThatTheApiStatesTheBounds() {
        for (Policy policy : Policy.values()) {
            await("all relays are known").atMost(BOUND)
                    .until(() -> books(policy).controlLoss().get("nodes").intValue() == RELAYS);
            assertThat(books(policy).controlLoss().get("policy").textValue()).isEqualTo(policy.name());
            JsonNode overshoot = books(policy).status().get("overshootBoundBytes");
            switch (policy) {
                case STOP, SAFE_RATE -> assertThat(overshoot.longValue()).isEqualTo(policy.overshootBytes);
                case ALLOW -> assertThat(overshoot.isNull()).as("nothing bounds it").isTrue();
            }
        }
    }

    private void strike(Outage outage) throws Exception {
        switch (outage) {
            case TELEMETRY_KILLED -> cluster.killTelemetry();
            case KAFKA_STOPPED -> cluster.stopBroker();
            case RELAY_CUT_OFF, RELAY_KILLED_WHILE_CUT_OFF -> cluster.cutFirstRelayOff();
            case RELAY_KILLED -> {
                restartFirstRelay();
                tenants.values().forEach(tenant -> tenant.call(1));
            }
        }
    }

    private void restartFirstRelay() throws Exception {
        cluster.killFirstRelay();
        for (LoadedTenant tenant : tenants.values()) {
            tenant.abandon(1);
        }
        cluster.startFirstRelay();
    }

    private static void awaitLossOfControl(Outage outage) {
        for (int relay : outage.withoutControl) {
            await("relay " + relay + " has lost control").atMost(BOUND)
                    .until(() -> tenantsWithoutControl(relay) == Policy.values().length);
        }
    }

    /** What it had used of its grace before it was killed, it does not get again. */
    private void killFirstRelayWithoutControl() throws Exception {
        LoadedTenant safe = tenants.get(Policy.SAFE_RATE);
        long used = safe.forwardedBytes(1);
        await("it uses its grace").atMost(BOUND).until(() -> safe.forwardedBytes(1) > used + GRACE / 16);
        restartFirstRelay();
        assertThat(tenants.get(Policy.STOP).tryCall(1)).isFalse();
        assertThat(tenants.get(Policy.ALLOW).tryCall(1)).isTrue();
        safe.tryCall(1);
    }

    private void awaitWhatEachPolicyLetsThrough(Outage outage) {
        LoadedTenant stop = tenants.get(Policy.STOP);
        LoadedTenant safe = tenants.get(Policy.SAFE_RATE);
        await("SAFE_RATE passes the volume").atMost(BOUND).until(() -> safe.forwardedBytes() > VOLUME);
        await("ALLOW goes on").atMost(BOUND)
                .until(() -> tenants.get(Policy.ALLOW).forwardedBytes() >= WITHOUT_BOUND);
        for (int relay : outage.withoutControl) {
            awaitSilence(stop, relay);
            assertThat(stop.tryCall(relay)).as("STOP admits nobody").isFalse();
        }
        if (outage.withoutControl.length == 1) {
            awaitSilence(safe, 1);
        }
    }

    private void awaitSilence(LoadedTenant tenant, int relay) {
        await(tenant.id() + " is silent at relay " + relay).atMost(BOUND).until(() -> {
            assertThatBoundsHold();
            return tenant.hasNothing(relay);
        });
    }

    private void assertThatBoundsHold() {
        tenants.forEach((policy, tenant) -> assertThat(tenant.forwardedBytes()).as("%s", policy)
                .isLessThanOrEqualTo(VOLUME + policy.overshootBytes));
    }

    private static void awaitControl() {
        for (int relay = 1; relay <= RELAYS; relay++) {
            int index = relay;
            await("relay " + relay + " has control").atMost(BOUND).until(() -> tenantsWithoutControl(index) == 0);
        }
    }

    /** The ledger, the usage that is billed, the relays and the two ends of every call agree to the byte. */
    private void assertThatBooksMatch(Outage outage, long relaysBefore) {
        tenants.forEach((policy, tenant) -> await("the books of " + policy).atMost(BOUND).untilAsserted(() -> {
            QuotaBooks books = books(policy);
            // What a killed relay had not reported yet nobody knows, and nobody is billed for it.
            assertThat(books.usedBytes()).isBetween(tenant.forwardedByTheLiving(), tenant.forwardedBytes());
            assertThat(books.billedBytes()).isBetween(tenant.forwardedByTheLiving(), tenant.forwardedBytes());
            assertThat(books.uncertainBytes()).as("not settled").isZero();
        }));
        if (!outage.killsARelay()) {
            long forwarded = tenants.values().stream().mapToLong(LoadedTenant::forwardedBytes).sum();
            assertThat(forwardedByRelays() - relaysBefore).isEqualTo(forwarded);
        }
    }

    private void assertThatLossIsTold(Outage outage) {
        tenants.forEach((policy, tenant) -> {
            QuotaBooks books = books(policy);
            JsonNode status = books.status();
            long ungranted = status.at("/controlLoss/ungrantedBytes").longValue();
            assertThat(tenant.forwardedBytes()).as("%s: nothing else passes the volume", policy)
                    .isLessThanOrEqualTo(VOLUME + ungranted);
            assertThat(books.ungrantedByProcess().values().stream().mapToLong(Long::longValue).sum())
                    .as("an alarm for each process").isEqualTo(ungranted);
            if (outage.takesControl() && policy != Policy.STOP) {
                assertThat(ungranted).as("%s went on", policy).isPositive();
            }
            assertThat(books.hasSettledAProcess()).isEqualTo(outage.killsARelay());
            JsonNode overshoot = status.get("overshootBoundBytes");
            switch (policy) {
                case STOP -> {
                    assertThat(overshoot.longValue()).isZero();
                    assertThat(status.get("grantedBytes").longValue()).isGreaterThanOrEqualTo(tenant.forwardedBytes());
                }
                case SAFE_RATE -> {
                    assertThat(VOLUME + overshoot.longValue()).isGreaterThanOrEqualTo(tenant.forwardedBytes());
                    assertThat(books.ungrantedByNode()).as("each node has one grace, however often it begins anew")
                            .allSatisfy((node, bytes) -> assertThat(bytes).isLessThanOrEqualTo(GRACE));
                }
                case ALLOW -> assertThat(overshoot.isNull()).isTrue();
            }
        });
    }

    private void raiseVolumesAndAwaitService() {
        tenants.forEach((policy, tenant) -> {
            long volume = tenant.forwardedBytes() + 16 * MIB;
            api.putHardQuota(tenant.id(), volume, policy.name(), SAFE_BITS_PER_SECOND, GRACE);
            if (!tenant.hasCall(1)) {
                tenant.call(1);
            }
            long[] before = IntStream.rangeClosed(1, RELAYS).mapToLong(tenant::forwardedBytes).toArray();
            tenant.sendUpTo(volume);
            for (int relay = 1; relay <= RELAYS; relay++) {
                int index = relay;
                await(policy + " goes on at relay " + relay).atMost(BOUND)
                        .until(() -> tenant.forwardedBytes(index) > before[index - 1]);
            }
            tenant.rest();
        });
    }

    private QuotaBooks books(Policy policy) {
        return new QuotaBooks(api, tenants.get(policy).id());
    }

    private static long tenantsWithoutControl(int relay) {
        return (long) Metrics.of(cluster.relayAdmin(relay)).value("turn_quota_control_lost_tenants");
    }

    /** Billable bytes of all relays, by their own counters. */
    private static long forwardedByRelays() {
        return IntStream.rangeClosed(1, RELAYS).mapToObj(relay -> RelayedTraffic.of(cluster.relayAdmin(relay)))
                .mapToLong(traffic -> traffic.clientToRelay().wireBytes() + traffic.relayToClient().wireBytes()).sum();
    }
}
