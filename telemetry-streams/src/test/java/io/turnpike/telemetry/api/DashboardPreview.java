package io.turnpike.telemetry.api;

import io.turnpike.contract.SecretSeal;
import io.turnpike.telemetry.query.Node;
import io.turnpike.telemetry.query.Outcome;
import io.turnpike.telemetry.webhook.TargetRules;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;

/** Shows the dashboard over invented traffic, for people who work on it. Argument: the port. */
final class DashboardPreview {
    private static final String TOKEN = "preview";

    private DashboardPreview() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        FakeTelemetry telemetry = new FakeTelemetry(Clock.systemUTC());
        int port = arguments.length == 0 ? 8080 : Integer.parseInt(arguments[0]);
        ApiServer server = ApiServer.start(new ApiConfig("127.0.0.1", port, List.of(ApiToken.operator("ops", TOKEN)),
                true, List.of("turn:127.0.0.1:3478"), SecretSeal.withKey(SecretSeal.newKey()), Duration.ofSeconds(5),
                new TargetRules(false, List.of())::refusal),
                telemetry.sources());
        if (arguments.length < 2) {
            put(server, "v1/tenants/demo", "{\"displayName\":\"Demo\"}");
            put(server, "v1/tenants/acme", "{\"displayName\":\"Acme Telehealth\"}");
            put(server, "v1/tenants/northwind", "{\"displayName\":\"Northwind Games\"}");
            put(server, "v1/tenants/zephyr", "{\"displayName\":\"Zephyr Rooms\"}");
            put(server, "v1/tenants/acme/quota", "{\"mode\":\"HARD\",\"volumeBytes\":400000000}");
            put(server, "v1/tenants/northwind/quota", "{\"mode\":\"HARD\",\"volumeBytes\":70000000}");
            put(server, "v1/tenants/zephyr/quota", "{\"mode\":\"HARD\",\"volumeBytes\":45000000}");
            fill(telemetry, Instant.now().truncatedTo(ChronoUnit.MILLIS));
        }
        System.out.println("the dashboard is at " + server.uri());
        new CountDownLatch(1).await();
    }

    /** An hour of traffic of four tenants on three nodes. */
    static void fill(FakeTelemetry telemetry, Instant now) {
        Random random = new Random(7);
        String[] tenants = {"demo", "acme", "northwind", "zephyr"};
        String[] users = {"al", "bo", "cara", "dimitri@clinic.example", "eve"};
        for (int minute = 59; minute >= 0; minute--) {
            double wave = 1 + Math.sin(minute / 7.0) * 0.6;
            for (int tenant = 0; tenant < tenants.length; tenant++) {
                for (int user = 0; user < users.length - tenant; user++) {
                    long packets = (long) (wave * (400 + random.nextInt(3_000)) / (user + 1));
                    telemetry.usage.use(tenants[tenant], users[user], now.minusSeconds(minute * 60L),
                            Samples.usage(packets, (long) (packets * 1.7)));
                }
            }
        }
        for (int i = 1; i <= 9; i++) {
            telemetry.allocations.add(Samples.live("relay-" + (i % 3 + 1) + "-4-" + i, tenants[i % 2], users[i % 5],
                    now.minusSeconds(i * 97L), Samples.usage(i * 731L, i * 1_204L)));
        }
        telemetry.nodes.add(Samples.node("relay-1", Node.State.SERVING, 5, now));
        telemetry.nodes.add(Samples.node("relay-2", Node.State.SERVING, 4, now));
        telemetry.nodes.add(Samples.node("relay-3", Node.State.LOST, 0, now.minusSeconds(75)));
        for (String tenant : tenants) {
            telemetry.outcomes.count(tenant, Outcome.CONNECTED, 400 + random.nextInt(100));
            telemetry.outcomes.count(tenant, Outcome.ONE_WAY, random.nextInt(12));
            telemetry.outcomes.count(tenant, Outcome.REJECTED, random.nextInt(9));
            telemetry.outcomes.count(tenant, Outcome.AUTH_FAILED, random.nextInt(14));
            telemetry.outcomes.count(tenant, Outcome.CHECKS_ONLY, 80 + random.nextInt(90));
            telemetry.outcomes.count(tenant, Outcome.UNUSED, 40 + random.nextInt(40));
        }
    }

    private static void put(ApiServer server, String path, String body) throws IOException, InterruptedException {
        HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(server.uri() + path))
                .header("Authorization", RunningApi.bearer(TOKEN)).PUT(BodyPublishers.ofString(body)).build(),
                BodyHandlers.discarding());
    }
}
