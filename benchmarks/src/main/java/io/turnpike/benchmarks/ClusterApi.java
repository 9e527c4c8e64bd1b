package io.turnpike.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** A cluster's HTTP API, as far as benchmarks ask for it. */
public final class ClusterApi {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final int SUCCESS = 2;
    private static final int READ_BUFFER = 1 << 16;

    private final URI root;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(BOUND)
            .build();

    /**
     * @param root where the API is, ending in a slash
     */
    public ClusterApi(URI root) {
        this.root = root;
    }

    /** Makes a tenant with a shared secret; returns when the ledger has committed it. */
    public void putTenant(String tenant, String secret) throws IOException, InterruptedException {
        put("v1/tenants/" + tenant, """
                {"status":"ACTIVE","secrets":[{"id":"k1","secret":"%s"}]}
                """.formatted(secret));
    }

    /** Takes a tenant's service away, which ends its live allocations; returns when the ledger has committed it. */
    public void suspendTenant(String tenant) throws IOException, InterruptedException {
        put("v1/tenants/" + tenant, "{\"status\":\"SUSPENDED\"}");
    }

    /** Gives a tenant a hard monthly volume in billable bytes, without a trickle; returns when the ledger has committed it. */
    public void putHardQuota(String tenant, long volumeBytes) throws IOException, InterruptedException {
        put("v1/tenants/" + tenant + "/quota",
                """
                        {"mode":"HARD","period":"MONTH","timeZone":"UTC","volumeBytes":%d,"tailPercent":0,"onControlLoss":"STOP"}
                        """
                        .formatted(volumeBytes));
    }

    /** Where a tenant's quota stands. */
    public JsonNode status(String tenant) throws IOException, InterruptedException {
        return send(request("v1/tenants/" + tenant + "/quota/status").GET());
    }

    /** What a path below the root answers. */
    public JsonNode get(String path) throws IOException, InterruptedException {
        return send(request(path).GET());
    }

    /** The same; empty where it is refused, such as while the partition that is asked for moves. */
    public Optional<JsonNode> find(String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() / 100 == SUCCESS ? Optional.of(JSON.readTree(answer.body())) : Optional.empty();
    }

    /** Reads an answer that may be long to its end; how many lines it has. */
    public long lines(String path) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = client.send(request(path).build(),
                HttpResponse.BodyHandlers.ofInputStream());
        long lines = 0;
        byte[] buffer = new byte[READ_BUFFER];
        try (InputStream body = answer.body()) {
            if (answer.statusCode() / 100 != SUCCESS) {
                throw new IOException(path + " answered " + answer.statusCode());
            }
            for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                for (int at = 0; at < read; at++) {
                    lines += buffer[at] == '\n' ? 1 : 0;
                }
            }
        }
        return lines;
    }

    /**
     * The value of a figure among the program's metrics; NaN if there is none.
     *
     * @param name alone for the sum over its labels, or with them as the page writes them
     */
    public double metric(String name) throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(request("metrics").GET().build(),
                HttpResponse.BodyHandlers.ofString());
        return answer.body().lines().filter(line -> line.startsWith(name + '{') || line.startsWith(name + ' '))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).reduce(Double::sum)
                .orElse(Double.NaN);
    }

    private void put(String path, String body) throws IOException, InterruptedException {
        send(request(path).header("Content-Type", "application/json").PUT(HttpRequest.BodyPublishers.ofString(body)));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(root.resolve(path)).timeout(BOUND).header("Authorization", "Bearer demo-admin");
    }

    private JsonNode send(HttpRequest.Builder builder) throws IOException, InterruptedException {
        HttpRequest request = builder.build();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != SUCCESS) {
            throw new IOException(request.method() + " " + request.uri() + " answered " + answer.statusCode() + " "
                    + answer.body());
        }
        return JSON.readTree(answer.body());
    }
}
