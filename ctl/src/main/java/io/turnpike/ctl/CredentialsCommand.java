package io.turnpike.ctl;

import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctl credentials}: a TURN credential for a user, as a browser takes it. */
@Command(name = "credentials", description = "Make a TURN credential for a user of a tenant.")
final class CredentialsCommand implements Runnable {

    @Mixin
    private Session session;

    @Parameters(index = "0", paramLabel = "TENANT")
    private String tenant;

    @Parameters(index = "1", paramLabel = "USER")
    private String user;

    @Option(names = "--ttl", paramLabel = "SECONDS", description = "How long it may be used, 30 to 604800 (3600).")
    private Integer ttlSeconds;

    @Override
    public void run() {
        ObjectNode request = ApiClient.JSON.createObjectNode().put("user", user);
        if (ttlSeconds != null) {
            request.put("ttlSeconds", ttlSeconds);
        }
        session.print(session.api().post(Path.of("tenants", tenant, "credentials"), request).body(),
                CredentialsCommand::table);
    }

    private static Table table(JsonNode answer) {
        Table table = new Table("USERNAME", "PASSWORD", "EXPIRES", "URLS");
        answer.path("iceServers").forEach(server -> {
            List<String> urls = new ArrayList<>();
            server.path("urls").forEach(url -> urls.add(url.asText()));
            table.row(server.path("username"), server.path("credential"), answer.path("expiresAt"),
                    String.join(" ", urls));
        });
        return table;
    }
}
