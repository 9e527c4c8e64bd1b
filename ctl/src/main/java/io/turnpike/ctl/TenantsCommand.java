package io.turnpike.ctl;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctl tenants}: who may relay. */
@Command(name = "tenants", description = "List, show, make, change and delete tenants.")
final class TenantsCommand {

    private static final List<String> FIELDS = List.of("displayName", "status", "channelNumbers", "billableRule",
            "credentialExpiry", "serverNames", "peerAllow", "peerDeny");

    @Command(description = "List the tenants.")
    void list(@Mixin Session session,
            @Option(names = "--limit", description = "At most so many.") Integer limit,
            @Option(names = "--cursor", description = "Go on where a list ended.") String cursor) {
        JsonNode body = session.api().get(Path.of("tenants").with("limit", limit).with("cursor", cursor)).body();
        session.print(body, answer -> table(answer.path("tenants")));
    }

    @Command(description = "Show a tenant; secrets are shown by id only.")
    void get(@Mixin Session session, @Parameters(paramLabel = "TENANT") String tenant) {
        session.print(session.api().get(Path.of("tenants", tenant)).body(), answer -> table(List.of(answer)));
    }

    @Command(description = {"Make a tenant, or change one: what is not given stays as it is.",
        "A secret is ID=TEXT, or ID=@FILE to keep it off the command line; given secrets replace all.",
        "A token key is ID=BASE64 or ID=@FILE. A list that is given replaces the list; '' empties it."})
    void put(@Mixin Session session, @Parameters(paramLabel = "TENANT") String tenant,
            @Option(names = "--display-name", paramLabel = "TEXT") String displayName,
            @Option(names = "--status", paramLabel = "ACTIVE|SUSPENDED") String status,
            @Option(names = "--channel-numbers", paramLabel = "RFC8656|RFC5766") String channelNumbers,
            @Option(names = "--billable-rule", paramLabel = "BOTH_DIRECTIONS|EGRESS_ONLY") String billableRule,
            @Option(names = "--credential-expiry", paramLabel = "ALLOCATE|REFRESH|HARD_CUT") String credentialExpiry,
            @Option(names = "--secret", paramLabel = "ID=SECRET") Map<String, String> secrets,
            @Option(names = "--token-key", paramLabel = "ID=KEY") Map<String, String> tokenKeys,
            @Option(names = "--server-name", paramLabel = "NAME") List<String> serverNames,
            @Option(names = "--peer-allow", paramLabel = "CIDR") List<String> peerAllow,
            @Option(names = "--peer-deny", paramLabel = "CIDR") List<String> peerDeny) {
        Path path = Path.of("tenants", tenant);
        Optional<Answer> before = session.api().find(path);
        Overlay overlay = new Overlay(before, FIELDS).with("displayName", displayName).with("status", status)
                .with("channelNumbers", channelNumbers).with("billableRule", billableRule)
                .with("credentialExpiry", credentialExpiry).with("serverNames", serverNames)
                .with("peerAllow", peerAllow).with("peerDeny", peerDeny);
        if (secrets != null) {
            ArrayNode list = overlay.body().putArray("secrets");
            secrets.forEach((id, secret) -> list.addObject().put("id", id).put("secret", read(id, secret)));
        }
        if (tokenKeys != null) {
            ArrayNode list = overlay.body().putArray("accessTokenKeys");
            tokenKeys.forEach((id, key) -> list.addObject().put("id", id).put("key", read(id, key)));
        }
        session.print(session.api().put(path, overlay.body(), before).body(), answer -> table(List.of(answer)));
    }

    @Command(description = "Delete a tenant. Its allocations end; what it used stays charged.")
    void delete(@Mixin Session session, @Parameters(paramLabel = "TENANT") String tenant) {
        session.api().delete(Path.of("tenants", tenant));
        session.done("deleted " + Table.text(tenant));
    }

    private static Table table(Iterable<JsonNode> tenants) {
        Table table = new Table("TENANT", "NAME", "STATUS", "SECRETS", "CHANNELS", "BILLED", "VERSION");
        for (JsonNode tenant : tenants) {
            List<String> ids = new ArrayList<>();
            tenant.path("secrets").forEach(secret -> ids.add(secret.path("id").asText()));
            table.row(tenant.path("id"), tenant.path("displayName"), tenant.path("status"),
                    ids.isEmpty() ? "-" : String.join(",", ids), tenant.path("channelNumbers"),
                    tenant.path("billableRule"), tenant.path("version"));
        }
        return table;
    }

    private static String read(String id, String secret) {
        if (!secret.startsWith("@")) {
            return secret;
        }
        try {
            return Files.readString(java.nio.file.Path.of(secret.substring(1))).strip();
        } catch (IOException e) {
            throw new ApiException(ExitCode.USAGE, "cannot read secret " + id + " from " + secret.substring(1));
        }
    }
}
