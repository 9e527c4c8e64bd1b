package io.turnpike.ctl;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
    void list(@Mixin Session session, @Mixin Page page) {
        JsonNode body = session.api().get(Path.of("tenants").with(page)).body();
        session.print(body, answer -> table(answer.path("tenants")));
    }

    @Command(description = "Show a tenant; secrets are shown by id only.")
    void get(@Mixin Session session, @Parameters(paramLabel = "TENANT") String tenant) {
        session.print(session.api().get(Path.of("tenants", tenant)).body(), TenantsCommand::details);
    }

    @Command(description = {"Make a tenant, or change one: what is not given stays as it is.",
        "An option that may be repeated replaces the whole list; '' empties a list of names or blocks.",
        "@FILE instead of a secret or key keeps it off the command line."})
    void put(@Mixin Session session, @Parameters(paramLabel = "TENANT") String tenant,
            @Option(names = "--display-name", paramLabel = "TEXT", description = "Name for people.") String displayName,
            @Option(names = "--status", paramLabel = "ACTIVE|SUSPENDED", description = "A suspended tenant's calls end, and it is refused everything with 401.") String status,
            @Option(names = "--channel-numbers", paramLabel = "RFC8656|RFC5766", description = "Which channel numbers clients may bind; RFC5766 for old ones.") String channelNumbers,
            @Option(names = "--billable-rule", paramLabel = "BOTH_DIRECTIONS|EGRESS_ONLY", description = "What counts against the quota.") String billableRule,
            @Option(names = "--credential-expiry", paramLabel = "ALLOCATE|REFRESH|HARD_CUT", description = "What the end of a credential stops: new allocations, refreshes too, or calls at once.") String credentialExpiry,
            @Option(names = "--secret", paramLabel = "ID=SECRET", description = "Shared secret of TURN REST credentials.") Map<String, String> secrets,
            @Option(names = "--secret-algorithm", paramLabel = "HMAC_SHA1|HMAC_SHA256", description = "What the given secrets sign with; default HMAC_SHA1.") String secretAlgorithm,
            @Option(names = "--token-key", paramLabel = "ID=BASE64", description = "AES key of access tokens (RFC 7635), 16 or 32 bytes; ID is their kid.") Map<String, String> tokenKeys,
            @Option(names = "--server-name", paramLabel = "NAME", description = "TLS server name whose clients are this tenant's.") List<String> serverNames,
            @Option(names = "--peer-allow", paramLabel = "CIDR", description = "Private or loopback block that its clients may reach.") List<String> peerAllow,
            @Option(names = "--peer-deny", paramLabel = "CIDR", description = "Block that its clients may not reach.") List<String> peerDeny) {
        Path path = Path.of("tenants", tenant);
        Optional<Answer> before = session.api().find(path);
        Overlay overlay = new Overlay(before, FIELDS).with("displayName", displayName).with("status", status)
                .with("channelNumbers", channelNumbers).with("billableRule", billableRule)
                .with("credentialExpiry", credentialExpiry).with("serverNames", serverNames)
                .with("peerAllow", peerAllow).with("peerDeny", peerDeny);
        if (secrets != null) {
            ArrayNode list = overlay.body().putArray("secrets");
            secrets.forEach((id, secret) -> {
                ObjectNode entry = list.addObject().put("id", id).put("secret", read(id, secret));
                if (secretAlgorithm != null) {
                    entry.put("algorithm", secretAlgorithm);
                }
            });
        } else if (secretAlgorithm != null) {
            throw new ApiException(ExitCode.USAGE, "--secret-algorithm needs --secret");
        }
        if (tokenKeys != null) {
            ArrayNode list = overlay.body().putArray("accessTokenKeys");
            tokenKeys.forEach((id, key) -> list.addObject().put("id", id).put("key", read(id, key)));
        }
        session.print(session.api().put(path, overlay.body(), before).body(), TenantsCommand::details);
    }

    @Command(description = "Delete a tenant. Its allocations end; what it used stays charged.")
    void delete(@Mixin Session session, @Parameters(paramLabel = "TENANT") String tenant) {
        session.api().delete(Path.of("tenants", tenant));
        session.done("deleted " + Table.text(tenant));
    }

    private static Table table(Iterable<JsonNode> tenants) {
        Table table = new Table("TENANT", "NAME", "STATUS", "SECRETS", "CHANNELS", "BILLED", "VERSION");
        for (JsonNode tenant : tenants) {
            table.row(tenant.path("id"), tenant.path("displayName"), tenant.path("status"), list(tenant, "secrets"),
                    tenant.path("channelNumbers"), tenant.path("billableRule"), tenant.path("version"));
        }
        return table;
    }

    private static Table details(JsonNode tenant) {
        return new Table("FIELD", "VALUE").row("tenant", tenant.path("id")).row("name", tenant.path("displayName"))
                .row("status", tenant.path("status")).row("channel numbers", tenant.path("channelNumbers"))
                .row("billable rule", tenant.path("billableRule"))
                .row("credential expiry", tenant.path("credentialExpiry")).row("secrets", list(tenant, "secrets"))
                .row("token keys", list(tenant, "accessTokenKeys")).row("server names", list(tenant, "serverNames"))
                .row("peers allowed", list(tenant, "peerAllow")).row("peers denied", list(tenant, "peerDeny"))
                .row("version", tenant.path("version").asText("-"));
    }

    /** The ids of secrets and keys, the texts of other lists. */
    private static String list(JsonNode tenant, String field) {
        List<String> entries = new ArrayList<>();
        tenant.path(field).forEach(entry -> entries.add(entry.path("id").asText(entry.asText())));
        return entries.isEmpty() ? "-" : String.join(",", entries);
    }

    /** A secret as it was given, or out of the file that {@code @FILE} names. */
    static String read(String id, String secret) {
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
