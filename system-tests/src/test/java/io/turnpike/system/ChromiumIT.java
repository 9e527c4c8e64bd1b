package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.turnpike.quickstart.Loopback;
import io.turnpike.telemetry.dashboard.Chromium;
import io.turnpike.testing.ForeignTools;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Headless Chromium, two peer connections that may use a relay only: a data channel and video both ways, and what the
 * relay counted is what the API tells.
 */
@TestInstance(Lifecycle.PER_CLASS)
class ChromiumIT {
    private static final Duration BOUND = Duration.ofSeconds(50);
    private static final int MESSAGES = 50;
    private static final int FRAMES = 30;
    private static final String TENANT = "web";
    private static final String SECRET = "web-secret";

    private EmbeddedCluster cluster;
    private HttpServer pages;
    private Chromium browser;

    @BeforeAll
    void start(@TempDir Path dataDir) throws IOException {
        ForeignTools.require("ChromiumIT", "chromium", Chromium.installed().isPresent());
        cluster = EmbeddedCluster.start(dataDir, 1);
        Tenants.create(cluster, TENANT, SECRET);
        byte[] page = getClass().getResourceAsStream("/interop/two-peers.html").readAllBytes();
        pages = HttpServer.create(new InetSocketAddress("127.0.0.1", Loopback.freePort()), 0);
        pages.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        pages.start();
        browser = Chromium.start("--ignore-certificate-errors-spki-list=" + keyHash(cluster.relayCertificate()));
    }

    @AfterAll
    void stop() throws IOException {
        if (browser != null) {
            browser.close();
        }
        if (pages != null) {
            pages.stop(0);
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"udp", "tcp", "tls"})
    void callsItselfThroughTheRelayWithDataAndVideoBothWays(String protocol) {
        String url = protocol.equals("tls")
                ? "turns:127.0.0.1:" + cluster.secureRelay(1).getPort() + "?transport=tcp"
                : "turn:127.0.0.1:" + cluster.relay(1).getPort() + "?transport=" + protocol;
        RelayedTraffic before = RelayedTraffic.of(cluster.relayAdmin(1));
        JsonNode seen = call(protocol, url);

        for (String side : List.of("a", "b")) {
            JsonNode peer = seen.get(side);
            assertThat(peer.get("local").asText()).as(seen.toString()).isEqualTo("relay");
            assertThat(peer.get("remote").asText()).as(seen.toString()).isEqualTo("relay");
            assertThat(peer.get("relayProtocol").asText()).as(seen.toString()).isEqualTo(protocol);
            assertThat(peer.get("url").asText()).as(seen.toString()).isEqualTo(url);
            assertThat(peer.get("framesDecoded").asInt()).as(seen.toString()).isGreaterThanOrEqualTo(FRAMES);
            assertThat(seen.at("/seen/" + side + "/messages").asInt()).as(seen.toString()).isEqualTo(MESSAGES);
            assertThat(seen.at("/seen/" + side + "/broken").asInt()).as(seen.toString()).isZero();
        }
        assertThatTheApiTellsWhatTheRelayCounted(protocol, before, seen);
    }

    private JsonNode call(String user, String url) {
        JsonNode credential = new TurnpikeApi(cluster.api()).credential(TENANT, user);
        browser.open(URI.create("http://127.0.0.1:" + pages.getAddress().getPort() + "/"));
        return browser.evaluate("call('%s', '%s', '%s')".formatted(url, credential.get("username").asText(),
                credential.get("credential").asText()));
    }

    /** Chromium counts without its connectivity checks, so it tells the least that there must be. */
    private void assertThatTheApiTellsWhatTheRelayCounted(String user, RelayedTraffic before, JsonNode seen) {
        TurnpikeApi api = new TurnpikeApi(cluster.api());
        await("both allocations are gone").atMost(BOUND)
                .until(() -> Metrics.of(cluster.relayAdmin(1)).sum("turn_relay_allocations") == 0);
        RelayedTraffic counted = RelayedTraffic.of(cluster.relayAdmin(1)).minus(before);
        await("usage of " + user).atMost(BOUND)
                .untilAsserted(() -> assertThat(RelayedTraffic.of(api.usage(TENANT, user))).isEqualTo(counted));
        UserUsage usage = api.usage(TENANT, user);
        assertThat(usage.clientToRelay().payloadBytes()).as(seen.toString())
                .isGreaterThanOrEqualTo(bytes(seen, "bytesSent"));
        assertThat(usage.relayToClient().payloadBytes()).as(seen.toString())
                .isGreaterThanOrEqualTo(bytes(seen, "bytesReceived"));
    }

    private static long bytes(JsonNode seen, String figure) {
        long bytes = seen.at("/a/" + figure).asLong() + seen.at("/b/" + figure).asLong();
        assertThat(bytes).as(seen.toString()).isPositive();
        return bytes;
    }

    /** The one certificate that Chromium is to accept though it does not know who issued it. */
    private static String keyHash(Path certificate) throws IOException {
        try (InputStream in = Files.newInputStream(certificate)) {
            byte[] key = CertificateFactory.getInstance("X.509").generateCertificate(in).getPublicKey().getEncoded();
            return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(key));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
