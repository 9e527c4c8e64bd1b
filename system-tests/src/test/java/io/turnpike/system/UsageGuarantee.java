package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnpike.client.ClientTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the API says that a user used is what the two ends of the user's calls counted: in every direction, with and
 * without framing, to the byte. Several users, every relay, UDP and TCP, channels and indications.
 */
final class UsageGuarantee {
    private static final String TENANT = "loop";
    private static final String SECRET = "loop-secret";
    private static final Duration VISIBLE = Duration.ofSeconds(50);

    private final TurnpikeCluster cluster;
    private final TurnpikeApi api;
    private final Map<String, List<MeasuredCall>> callsOfUsers = new LinkedHashMap<>();

    private UsageGuarantee(TurnpikeCluster cluster) {
        this.cluster = cluster;
        this.api = new TurnpikeApi(cluster.api());
    }

    /** Makes calls and compares. */
    static void holds(TurnpikeCluster cluster) {
        new UsageGuarantee(cluster).check();
    }

    private void check() {
        Tenants.create(cluster, TENANT, SECRET);
        try {
            for (int relay = 1; relay <= cluster.relays(); relay++) {
                call("al", relay, ClientTransport.UDP).send(200, 160);
                call("bea", relay, ClientTransport.TCP).send(150, 1199);
                call("cy", relay, ClientTransport.UDP).sendIndications(80, 333);
                call("cy", relay, ClientTransport.TCP).send(40, 1);
            }
            // While the calls are up, and again when their final records are in: each time the same totals.
            callsOfUsers.keySet().forEach(this::awaitEqual);
            callsOfUsers.values().forEach(calls -> calls.forEach(MeasuredCall::release));
            callsOfUsers.keySet().forEach(this::awaitEqual);
            assertThatTheTenantIsTheSumOfItsUsers();
        } finally {
            callsOfUsers.values().forEach(calls -> calls.forEach(MeasuredCall::close));
        }
    }

    private MeasuredCall call(String user, int relay, ClientTransport transport) {
        MeasuredCall call = MeasuredCall.start(cluster, relay, transport, TENANT, user, SECRET);
        callsOfUsers.computeIfAbsent(user, name -> new ArrayList<>()).add(call);
        return call;
    }

    private void awaitEqual(String user) {
        UserUsage counted = counted(user);
        assertThat(counted.clientToRelay().packets()).isEqualTo(counted.relayToClient().packets()).isPositive();
        await("usage of " + user).atMost(VISIBLE)
                .untilAsserted(() -> assertThat(api.usage(TENANT, user)).isEqualTo(counted));
    }

    private UserUsage counted(String user) {
        return callsOfUsers.get(user).stream().map(MeasuredCall::usage).reduce(UserUsage.NONE, UserUsage::plus);
    }

    private void assertThatTheTenantIsTheSumOfItsUsers() {
        UserUsage all = callsOfUsers.keySet().stream().map(this::counted).reduce(UserUsage.NONE, UserUsage::plus);
        await("usage of the tenant").atMost(VISIBLE).untilAsserted(() -> assertThat(
                UserUsage.of(api.get("v1/tenants/" + TENANT + "/usage").get("total"))).isEqualTo(all));
    }
}
