package io.turnpike.ctl;

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

/** {@code ctl webhooks}: where a tenant's events are sent. */
@Command(name = "webhooks", description = "List, show, make, change, test and remove the webhooks of a tenant.")
final class WebhooksCommand {

    private static final List<String> FIELDS = List.of("url", "events");

    @Command(description = "List the webhooks of a tenant, and how they fare.")
    void list(@Mixin Session session, @Parameters(paramLabel = "TENANT") String tenant) {
        session.print(session.api().get(Path.of("tenants", tenant, "webhooks")).body(),
                answer -> table(answer.path("webhooks")));
    }

    @Command(description = "Show a webhook; keys are shown by id only.")
    void get(@Mixin Session session, @Parameters(index = "0", paramLabel = "TENANT") String tenant,
            @Parameters(index = "1", paramLabel = "NAME") String name) {
        session.print(session.api().get(path(tenant, name)).body(), WebhooksCommand::details);
    }

    @Command(description = {
        "Make a webhook, or change one: what is not given stays as it is, but a disabled one is enabled.",
        "Two keys sign together, while one takes over from the other. @FILE instead of a key keeps it off the command line."})
    void put(@Mixin Session session, @Parameters(index = "0", paramLabel = "TENANT") String tenant,
            @Parameters(index = "1", paramLabel = "NAME") String name,
            @Option(names = "--endpoint", paramLabel = "URL", description = "Where requests go: https, public.") String url,
            @Option(names = "--secret", paramLabel = "ID=whsec_BASE64", description = "Key that signs: 24 to 64 bytes; at most two.") Map<String, String> secrets,
            @Option(names = "--event", paramLabel = "TYPE", description = "Type of events that are sent, such as quota.warning; repeat it; '' for the default choice.") List<String> events,
            @Option(names = "--status", paramLabel = "ENABLED|DISABLED", description = "Whether anything is sent.") String status) {
        Path path = path(tenant, name);
        Optional<Answer> before = session.api().find(path);
        Overlay overlay = new Overlay(before, FIELDS).with("url", url).with("events", events).with("status", status);
        if (secrets != null) {
            ArrayNode list = overlay.body().putArray("secrets");
            secrets.forEach(
                    (id, secret) -> list.addObject().put("id", id).put("secret", TenantsCommand.read(id, secret)));
        }
        session.print(session.api().put(path, overlay.body(), before).body(), WebhooksCommand::details);
    }

    @Command(description = "Send a test event to a webhook; get shows what came of it.")
    void test(@Mixin Session session, @Parameters(index = "0", paramLabel = "TENANT") String tenant,
            @Parameters(index = "1", paramLabel = "NAME") String name) {
        JsonNode answer = session.api().post(Path.of("tenants", tenant, "webhooks", name, "test"),
                ApiClient.JSON.createObjectNode()).body();
        session.print(answer, body -> new Table("EVENT", "COMMAND").row(body.path("type"), body.path("commandId")));
    }

    @Command(description = "Remove a webhook; what waits for it is not sent.")
    void delete(@Mixin Session session, @Parameters(index = "0", paramLabel = "TENANT") String tenant,
            @Parameters(index = "1", paramLabel = "NAME") String name) {
        session.api().delete(path(tenant, name));
        session.done("removed webhook " + Table.text(name));
    }

    private static Path path(String tenant, String name) {
        return Path.of("tenants", tenant, "webhooks", name);
    }

    private static Table table(JsonNode webhooks) {
        Table table = new Table("NAME", "STATUS", "DELIVERED", "GIVEN UP", "FAILURES", "LAST STATUS", "LAST SUCCESS",
                "URL");
        webhooks.forEach(webhook -> {
            JsonNode delivery = webhook.path("delivery");
            table.row(webhook.path("name"), webhook.path("status"), delivery.path("delivered"),
                    delivery.path("givenUp"), delivery.path("failures"), delivery.path("lastStatus"),
                    delivery.path("lastSuccessAt"), webhook.path("url"));
        });
        return table;
    }

    private static Table details(JsonNode webhook) {
        JsonNode delivery = webhook.path("delivery");
        return new Table("FIELD", "VALUE").row("name", webhook.path("name")).row("url", webhook.path("url"))
                .row("keys", list(webhook, "secrets")).row("events", events(webhook))
                .row("status", webhook.path("status")).row("disabled because", webhook.path("disabledReason"))
                .row("delivered", delivery.path("delivered").asText("-"))
                .row("given up", delivery.path("givenUp").asText("-"))
                .row("failures in a row", delivery.path("failures").asText("-"))
                .row("failing since", delivery.path("failingSince"))
                .row("last attempt", delivery.path("lastAttemptAt"))
                .row("last status", delivery.path("lastStatus").asText("-"))
                .row("last error", delivery.path("lastError")).row("last event", delivery.path("lastEventId"))
                .row("last success", delivery.path("lastSuccessAt"))
                .row("next attempt", delivery.path("nextAttemptAt"));
    }

    private static String events(JsonNode webhook) {
        return webhook.path("events").isEmpty() ? "all but quota.settled" : list(webhook, "events");
    }

    private static String list(JsonNode webhook, String field) {
        List<String> entries = new ArrayList<>();
        webhook.path(field).forEach(entry -> entries.add(entry.path("id").asText(entry.asText())));
        return entries.isEmpty() ? "-" : String.join(",", entries);
    }
}
