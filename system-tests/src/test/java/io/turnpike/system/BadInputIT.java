package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.turnpike.client.ClientTransport;
import io.turnpike.node.RelayNode;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.quickstart.Loopback;
import io.turnpike.telemetry.TelemetryApp;
import io.turnpike.telemetry.config.TelemetryConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Whatever comes in gets the right answer or a clear message, is counted by reason, and stops nothing. */
@TestInstance(Lifecycle.PER_CLASS)
class BadInputIT {
    private static final int UNAUTHENTICATED = 401;
    private static final int STREAMS = 300;

    private EmbeddedCluster cluster;

    @BeforeAll
    void start(@TempDir Path dataDir) {
        cluster = EmbeddedCluster.start(dataDir, 1);
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @Test
    void closesStreamsThatSpeakSomethingElse() throws Exception {
        Mutations mutations = new Mutations(815);
        for (int i = 0; i < STREAMS; i++) {
            try (Socket socket = new Socket(cluster.relay(1).getAddress(), cluster.relay(1).getPort());
                    OutputStream out = socket.getOutputStream()) {
                out.write(mutations.next());
                out.write("GET / HTTP/1.1\r\n\r\n".getBytes());
            } catch (IOException e) {
                // Closed by the relay while we wrote: what it should do.
                assertThat(e).hasMessageMatching("(?s).*(reset|Broken pipe|closed).*");
            }
        }
        assertThat(Metrics.of(cluster.relayAdmin(1))
                .value("turn_relay_dropped_packets_total{reason=\"malformed_stream\"}")).isPositive();
        assertThatTheRelayRelays();
    }

    @Test
    void answersAWrongPasswordAndAnUnknownTenantWith401() {
        for (List<String> credential : List.of(List.of("demo", "wrong"), List.of("nobody/demo", "demo"),
                List.of("4102444800:nobody:al", "c2VjcmV0"), List.of("1000000000:demo:al", "c2VjcmV0"))) {
            double before = unauthenticated();
            try (MeasuredCall call = MeasuredCall.connect(cluster, 1, ClientTransport.UDP, credential.get(0),
                    credential.get(1))) {
                CompletionException refusal = catchThrowableOfType(CompletionException.class, call::allocate);
                assertThat(refusal).as(credential.get(0)).isNotNull();
                assertThat(Tenants.errorCode(refusal)).as(credential.get(0)).isEqualTo(UNAUTHENTICATED);
            }
            // The first 401 of every client is the challenge; the second is the refusal.
            assertThat(unauthenticated() - before).as(credential.get(0)).isGreaterThanOrEqualTo(2);
        }
        assertThatTheRelayRelays();
    }

    @Test
    void answersABadApiBodyWithTheFieldThatIsWrong() {
        TurnpikeApi api = new TurnpikeApi(cluster.api());
        assertThatTheApiRefuses(api.put("v1/tenants/demo/quota",
                "{\"mode\":\"HARD\",\"volumeBytes\":-1,\"period\":\"MONTH\"}"), "volumeBytes");
        assertThatTheApiRefuses(api.put("v1/tenants/acme", "{\"displayNam\":\"Acme\"}"), "displayNam");
        assertThatTheApiRefuses(api.put("v1/tenants/acme", "{\"secrets\":[{\"id\":\"k1\"}]}"), "secret");
        assertThatTheApiRefuses(api.put("v1/tenants/acme", "{not json"), "JSON");
        assertThat(api.tryGet("v1/tenants/acme").status()).isEqualTo(404);
    }

    @Test
    void refusesAnUnknownConfigurationKeyByName(@TempDir Path dataDir) {
        Config relay = cluster.settings().relay(2, dataDir, 0, 0);
        assertThatThrownBy(() -> RelayConfig.load(with(relay, "relay.prot-min", 1)))
                .hasMessageContaining("relay.prot-min");
        Config telemetry = cluster.settings().telemetry(dataDir, 0, List.of());
        assertThatThrownBy(() -> TelemetryConfig.load(with(telemetry, "http.prot", 1)))
                .hasMessageContaining("http.prot");
    }

    @Test
    void namesThePortThatIsTakenAndItsKey(@TempDir Path dataDir) throws Exception {
        int turnPort = cluster.relay(1).getPort();
        RelayConfig relay = RelayConfig.load(cluster.settings().relay(2, dataDir.resolve("relay"), turnPort, 0));
        assertThatThrownBy(() -> RelayNode.start(relay)).hasMessageContaining(Integer.toString(turnPort))
                .hasMessageContaining("listeners");
        int adminPort = cluster.relayAdmin(1).getPort();
        RelayConfig second = RelayConfig
                .load(cluster.settings().relay(3, dataDir.resolve("relay-3"), Loopback.freePort(), adminPort));
        assertThatThrownBy(() -> RelayNode.start(second)).hasMessageContaining(Integer.toString(adminPort))
                .hasMessageContaining("admin.port");
        int apiPort = cluster.api().getPort();
        TelemetryConfig telemetry = TelemetryConfig
                .load(cluster.settings().telemetry(dataDir.resolve("telemetry"), apiPort, List.of()));
        assertThatThrownBy(() -> TelemetryApp.start(telemetry)).hasMessageContaining(Integer.toString(apiPort))
                .hasMessageContaining("http.port");
        assertThatTheRelayRelays();
    }

    private static Config with(Config config, String key, Object value) {
        return ConfigFactory.parseMap(Map.of(key, value)).withFallback(config);
    }

    private static void assertThatTheApiRefuses(TurnpikeApi.Reply reply, String names) {
        assertThat(reply.status()).as(String.valueOf(reply.body())).isEqualTo(400);
        assertThat(reply.body().toString()).contains(names);
    }

    private void assertThatTheRelayRelays() {
        try (MeasuredCall call = MeasuredCall.connect(cluster, 1, ClientTransport.UDP, "demo", "demo")) {
            call.allocate();
            call.send(20, 100);
            call.release();
        }
    }

    private double unauthenticated() {
        return Metrics.of(cluster.relayAdmin(1)).value("turn_relay_auth_failures_total{code=\"401\"}");
    }
}
