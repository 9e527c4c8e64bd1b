package io.turnpike.system;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Waits for programs that run elsewhere until they say that they are ready. */
final class Readiness {
    private static final Duration ANSWER = Duration.ofSeconds(5);

    private Readiness() {}

    /** Waits for telemetry and every relay of a cluster. */
    static void awaitAll(TurnpikeCluster cluster, Duration bound) {
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(ANSWER).build();
        awaitOne(client, cluster.api(), bound);
        for (int relay = 1; relay <= cluster.relays(); relay++) {
            awaitOne(client, cluster.relayAdmin(relay), bound);
        }
    }

    private static void awaitOne(HttpClient client, URI program, Duration bound) {
        HttpRequest ready = HttpRequest.newBuilder(program.resolve("health/ready")).timeout(ANSWER).build();
        await(program + " ready").atMost(bound).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(200))
                .until(() -> {
                    try {
                        return client.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
                    } catch (IOException e) {
                        return false; // nobody listens there yet
                    }
                });
    }
}
