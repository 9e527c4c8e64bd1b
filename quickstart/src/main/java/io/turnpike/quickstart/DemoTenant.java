package io.turnpike.quickstart;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/**
 * The tenant that a newcomer finds. It is made through the API as any other tenant is, so the first start of a quickstart
 * goes the whole way of a command: API, ledger, control topic, relays.
 */
final class DemoTenant {
    private static final Duration BOUND = Duration.ofSeconds(10);
    private static final String BODY = """
            {"displayName":"Demo","status":"ACTIVE","secrets":[{"id":"%s","secret":"%s"}],"channelNumbers":"RFC5766"}
            """.formatted(Demo.SECRET_ID, Demo.SECRET);

    private final URI api;

    DemoTenant(URI api) {
        this.api = api;
    }

    /**
     * Makes it. Stock test clients use RFC 5766's channel numbers, so this tenant may.
     *
     * @throws IOException if the API did not take it
     */
    void create() throws IOException, InterruptedException {
        HttpRequest put = HttpRequest.newBuilder(api.resolve("v1/tenants/" + Demo.TENANT))
                .timeout(BOUND)
                .header("Authorization", "Bearer " + Demo.OPERATOR_TOKEN)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(BODY)).build();
        HttpResponse<String> answer = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(BOUND)
                .build().send(put, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200 && answer.statusCode() != 201) {
            throw new IOException(
                    "the API did not take the demo tenant: " + answer.statusCode() + " " + answer.body());
        }
    }
}
