package io.turnpike.telemetry.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The sender against receivers that mean no good. Each is a bare socket, so that it may say anything. */
class HttpSenderTest {
    private static final TargetRules LOOPBACK = new TargetRules(true, AddressBlock.list("127.0.0.0/8", "::1"));
    private static final byte[] BODY = "{}".getBytes(StandardCharsets.UTF_8);
    private static final int PATIENCE_SECONDS = 100;

    private final HttpSender sender = new HttpSender(LOOPBACK, Duration.ofSeconds(10));
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private ServerSocket server;

    /** What a receiver does with a connection after it has read the head of a request. */
    @FunctionalInterface
    private interface Answer {
        void to(OutputStream out) throws IOException;
    }

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    }

    @AfterEach
    void stop() throws IOException {
        sender.close();
        server.close();
    }

    private URI serve(Answer answer) {
        Thread thread = new Thread(() -> {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    BufferedReader in = new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                    StringBuilder head = new StringBuilder();
                    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                        head.append(line).append('\n');
                    }
                    requests.add(head.toString());
                    answer.to(socket.getOutputStream());
                } catch (IOException e) {
                    // the sender hung up, which is what most of these are about
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
        return URI.create("http://127.0.0.1:" + server.getLocalPort() + "/hook?a=b");
    }

    private static Answer text(String text) {
        return out -> out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private Attempt post(URI url) throws Exception {
        return sender.post(url, "evt_1", 1_764_000_000, "v1,abc", BODY).toCompletableFuture().get(PATIENCE_SECONDS,
                TimeUnit.SECONDS);
    }

    @Test
    void sendsTheHeadersOfStandardWebhooks() throws Exception {
        URI url = serve(text("HTTP/1.1 204 No Content\r\n\r\n"));

        assertThat(post(url).succeeded()).isTrue();
        assertThat(requests.get(0).toLowerCase()).startsWith("post /hook?a=b http/1.1").contains(
                "content-type: application/json", "webhook-id: evt_1", "webhook-timestamp: 1764000000",
                "webhook-signature: v1,abc", "user-agent: turnpike-webhooks").doesNotContain("upgrade");
    }

    @Test
    void tellsStatusAndRetryAfter() throws Exception {
        Attempt attempt = post(serve(text("HTTP/1.1 503 No\r\nRetry-After: 77\r\nContent-Length: 0\r\n\r\n")));

        assertThat(attempt.status()).isEqualTo(503);
        assertThat(attempt.succeeded()).isFalse();
        assertThat(attempt.retryAfter()).contains(Duration.ofSeconds(77));
    }

    @Test
    void followsNoRedirect() throws Exception {
        Attempt attempt = post(serve(text("HTTP/1.1 307 Elsewhere\r\nLocation: http://169.254.169.254/latest\r\n"
                + "Content-Length: 0\r\n\r\n")));

        assertThat(attempt.status()).isEqualTo(307);
        assertThat(attempt.succeeded()).isFalse();
        assertThat(requests).hasSize(1);
    }

    @Test
    void doesNotReadABodyToItsEnd() throws Exception {
        byte[] chunk = new byte[64 * 1024];
        long[] written = new long[1];
        Attempt attempt = post(serve(out -> {
            out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            while (written[0] < 1L << 30) {
                out.write(chunk);
                written[0] += chunk.length;
            }
        }));

        assertThat(attempt.status()).isEqualTo(200);
        assertThat(written[0]).isLessThan(1L << 28);
    }

    @Test
    void refusesHeadersThatAreTooLong() throws Exception {
        Attempt attempt = post(serve(text("HTTP/1.1 200 OK\r\nX-Long: " + "x".repeat(100_000) + "\r\n\r\n")));

        assertThat(attempt.succeeded()).isFalse();
    }

    @Test
    void refusesWhatIsNoHttp() throws Exception {
        assertThat(post(serve(text("SSH-2.0-OpenSSH_9.6\r\n\r\n\r\n"))).succeeded()).isFalse();
    }

    @Test
    void waitsNoLongerThanItsTimeoutForWhoNeverAnswers() throws Exception {
        try (HttpSender hasty = new HttpSender(LOOPBACK, Duration.ofMillis(300))) {
            URI url = serve(out -> await());

            Attempt attempt = hasty.post(url, "evt_1", 1, "v1,abc", BODY).toCompletableFuture().get(PATIENCE_SECONDS,
                    TimeUnit.SECONDS);

            assertThat(attempt.status()).isZero();
            assertThat(attempt.error()).isEqualTo("no answer in time");
        }
    }

    @Test
    void theStatusCountsThoughTheBodyNeverEnds() throws Exception {
        try (HttpSender hasty = new HttpSender(LOOPBACK, Duration.ofSeconds(2))) {
            URI url = serve(out -> {
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                await();
            });

            assertThat(hasty.post(url, "evt_1", 1, "v1,abc", BODY).toCompletableFuture()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS).status()).isEqualTo(200);
        }
    }

    @Test
    void connectsToNothingThatTheRulesForbid() throws Exception {
        URI url = serve(text("HTTP/1.1 204 No Content\r\n\r\n"));
        try (HttpSender strict = new HttpSender(new TargetRules(true, List.of()), Duration.ofSeconds(10))) {
            for (String host : List.of("127.0.0.1", "localhost", "[::ffff:127.0.0.1]")) {
                Attempt attempt = strict.post(URI.create("http://" + host + ":" + url.getPort() + "/"), "evt_1", 1,
                        "v1,abc", BODY).toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                assertThat(attempt.status()).as(host).isZero();
                assertThat(attempt.error()).as(host).contains("public");
            }
        }
        assertThat(requests).isEmpty();
        assertThat(post(URI.create("http://localhost:" + url.getPort() + "/")).succeeded()).isTrue();
    }

    private static void await() {
        try {
            TimeUnit.SECONDS.sleep(PATIENCE_SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
