package io.turnpike.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** The HTTP API as an operator's script sees it. */
final class TurnpikeApi {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration BOUND = Duration.ofSeconds(20);

    private final URI root;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(BOUND)
            .build();

    TurnpikeApi(URI root) {
        this.root = root;
    }

    /** An answer: its status and its body as JSON (null where there is none). */
    record Reply(int status, JsonNode body) {}

    /** The body of a GET that must succeed. */
    JsonNode get(String path) {
        Reply reply = tryGet(path);
        if (reply.status() != 200) {
            throw new AssertionError("GET " + path + " answered " + reply.status() + " " + reply.body());
        }
        return reply.body();
    }

    Reply tryGet(String path) {
        return send(request(path).GET());
    }

    Reply put(String path, String body) {
        return send(request(path).header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(body)));
    }

    /** Makes a tenant with one secret, or changes it to that. */
    void putTenant(String tenant, String secret) {
        putTenant(tenant, secret, "RFC8656");
    }

    /** The same, for clients that use the channel numbers of this RFC. */
    void putTenant(String tenant, String secret, String channelNumbers) {
        require(put("v1/tenants/" + tenant, """
                {"displayName":"%s","status":"ACTIVE","secrets":[{"id":"k1","secret":"%s"}],"channelNumbers":"%s"}
                """.formatted(tenant, secret, channelNumbers)));
    }

    /** Suspends a tenant, or lets it serve again; its secrets stay. */
    void setStatus(String tenant, String status) {
        require(put("v1/tenants/" + tenant, "{\"displayName\":\"%s\",\"status\":\"%s\"}".formatted(tenant, status)));
    }

    /** Revokes the credentials that a user has so far. */
    void revoke(String tenant, String user) {
        require(send(request("v1/tenants/" + tenant + "/credentials/" + user).DELETE()));
    }

    /** A WebRTC ICE server of a user, as the API hands it to a web application. */
    JsonNode credential(String tenant, String user) {
        Reply reply = send(request("v1/tenants/" + tenant + "/credentials").header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"user\":\"%s\",\"ttlSeconds\":3600}".formatted(user))));
        require(reply);
        return reply.body().get("iceServers").get(0);
    }

    /** Gives a tenant a hard monthly volume. */
    void putHardQuota(String tenant, long volumeBytes) {
        putQuota(tenant, "HARD", volumeBytes);
    }

    /** The same, with a share of it for the trickle of live calls. */
    void putHardQuota(String tenant, long volumeBytes, int tailPercent) {
        require(put("v1/tenants/" + tenant + "/quota", """
                {"mode":"HARD","volumeBytes":%d,"tailPercent":%d}
                """.formatted(volumeBytes, tailPercent)));
    }

    /** Gives a tenant a monthly volume under a mode. */
    void putQuota(String tenant, String mode, long volumeBytes) {
        require(put("v1/tenants/" + tenant + "/quota", """
                {"mode":"%s","period":"MONTH","timeZone":"UTC","volumeBytes":%d,"onControlLoss":"STOP"}
                """.formatted(mode, volumeBytes)));
    }

    /** Gives a tenant a hard monthly volume without a tail reserve, and says what relays do while control is lost. */
    void putHardQuota(String tenant, long volumeBytes, String onControlLoss, long safeRateBitsPerSecond,
            long graceBytes) {
        require(put("v1/tenants/" + tenant + "/quota", """
                {"mode":"HARD","volumeBytes":%d,"tailPercent":0,"onControlLoss":"%s","safeRateBitsPerSecond":%d,
                 "graceBytes":%d}
                """.formatted(volumeBytes, onControlLoss, safeRateBitsPerSecond, graceBytes)));
    }

    /** Gives a tenant a quota, as JSON. */
    void putQuota(String tenant, String json) {
        require(put("v1/tenants/" + tenant + "/quota", json));
    }

    /** Gives a tenant a hard monthly volume, and each of its users one of his own. */
    void putUserQuota(String tenant, long volumeBytes, long userVolumeBytes) {
        putQuota(tenant, """
                {"mode":"HARD","volumeBytes":%d,"userVolumeBytes":%d,"tailPercent":0}
                """.formatted(volumeBytes, userVolumeBytes));
    }

    /** What a user used over the last day, all buckets together. */
    UserUsage usage(String tenant, String user) {
        Reply reply = tryGet("v1/tenants/" + tenant + "/users/" + user + "/usage");
        return reply.status() == 200 ? UserUsage.of(reply.body().get("total")) : UserUsage.NONE;
    }

    private static void require(Reply reply) {
        if (reply.status() != 200 && reply.status() != 201 && reply.status() != 204) {
            throw new AssertionError("the API answered " + reply.status() + " " + reply.body());
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(root.resolve(path)).timeout(BOUND).header("Authorization", "Bearer demo-admin");
    }

    private Reply send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Reply(answer.statusCode(), answer.body().isEmpty() ? null : JSON.readTree(answer.body()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
