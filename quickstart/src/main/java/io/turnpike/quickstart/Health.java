package io.turnpike.quickstart;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Asks programs whether they are ready, at the endpoint that an operator's load balancer would ask. */
final class Health {
    private static final Duration READY_BOUND = Duration.ofSeconds(60);
    private static final Duration ANSWER_BOUND = Duration.ofSeconds(5);
    private static final long POLL_MILLIS = 50;
    private static final int OK = 200;

    private Health() {}

    /**
     * Returns when a program is ready.
     *
     * @param what names it in the message
     * @throws IOException if it is not, after a minute; the message holds its last answer
     */
    static void awaitReady(String what, URI root) throws IOException, InterruptedException {
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(ANSWER_BOUND)
                .build();
        HttpRequest ready = HttpRequest.newBuilder(root.resolve("health/ready")).timeout(ANSWER_BOUND).build();
        long end = System.nanoTime() + READY_BOUND.toNanos();
        String last = "";
        while (System.nanoTime() - end < 0) {
            try {
                HttpResponse<String> answer = client.send(ready, HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() == OK) {
                    return;
                }
                last = answer.body().strip();
            } catch (IOException e) {
                last = e.toString();
            }
            Thread.sleep(POLL_MILLIS);
        }
        throw new IOException(what + " was not ready after " + READY_BOUND.toSeconds() + " s: " + last);
    }
}
