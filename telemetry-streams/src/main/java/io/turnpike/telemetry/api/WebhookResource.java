package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpStatus;
import io.turnpike.contract.AuditEvent;
import io.turnpike.contract.SecretSeal;
import io.turnpike.contract.WebhookRules;
import io.turnpike.control.v1.WebhookAction;
import io.turnpike.control.v1.WebhookCommand;
import io.turnpike.control.v1.WebhookSecret;
import io.turnpike.control.v1.WebhookStatus;
import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.CommandOutcome;
import io.turnpike.telemetry.query.WebhookEntry;
import io.turnpike.telemetry.query.WebhookQueries;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** A tenant's webhooks. Keys come in, are sealed here, and never go out. */
final class WebhookResource {
    private static final String[] FIELDS = {"url", "secrets", "events", "status"};

    private final WebhookQueries webhooks;
    private final KnownTenants known;
    private final Commands commands;
    private final SecretSeal seal;
    private final Function<URI, Optional<String>> refusal;

    /** @param refusal why a URL may not be used, empty if nothing speaks against it */
    WebhookResource(WebhookQueries webhooks, KnownTenants known, Commands commands, SecretSeal seal,
            Function<URI, Optional<String>> refusal) {
        this.webhooks = webhooks;
        this.known = known;
        this.commands = commands;
        this.seal = seal;
        this.refusal = refusal;
    }

    Reply list(Call call) {
        Answer<List<WebhookEntry>> answer = webhooks.webhooks(call.tenant());
        known.requireUnless(!answer.value().isEmpty(), call.tenant());
        ObjectNode body = Json.object().put("tenant", call.tenant());
        ArrayNode list = body.putArray("webhooks");
        answer.value().forEach(entry -> list.add(webhook(entry)));
        return Reply.ok(body, answer.freshness());
    }

    Reply one(Call call) {
        Answer<List<WebhookEntry>> answer = webhooks.webhooks(call.tenant());
        WebhookEntry entry = find(answer, name(call))
                .orElseThrow(() -> Problem.of(Problem.Kind.NOT_FOUND, "there is no such webhook"));
        return Reply.ok(webhook(entry), answer.freshness()).etag(entry.version());
    }

    Reply put(Call call) {
        Body body = Body.parse(call.body(), FIELDS);
        String name = name(call);
        WebhookCommand.Builder command = command(name, WebhookAction.PUT).setUrl(url(body))
                .setSecrets(secrets(call.tenant(), name, body).orElse(null))
                .setEvents(body.texts("events", AuditEvent.values().length,
                        type -> AuditEvent.parse(type).isPresent(), "is no type of event"))
                .setStatus(body.oneOf("status", EnumSet.of(WebhookStatus.ENABLED, WebhookStatus.DISABLED))
                        .orElse(WebhookStatus.ENABLED));
        CommandOutcome.Applied applied = commands.apply(call, command);
        Answer<List<WebhookEntry>> stored = webhooks.webhooks(call.tenant());
        WebhookEntry written = find(stored, name).filter(entry -> entry.version() >= applied.version())
                .orElseGet(() -> written(call, command, applied.version(), find(stored, name)));
        return Reply.json(applied.created() ? HttpStatus.CREATED : HttpStatus.OK,
                Json.fresh(webhook(written), stored.freshness())).etag(written.version());
    }

    Reply delete(Call call) {
        commands.apply(call, command(name(call), WebhookAction.DELETE));
        return Reply.noContent();
    }

    /** Sends an event of its own through the whole way: the audit topic, the instance that serves the tenant, the URL. */
    Reply test(Call call) {
        if (call.body().length > 0) {
            Body.parse(call.body());
        }
        WebhookCommand.Builder command = command(name(call), WebhookAction.TEST);
        commands.apply(call, command);
        return Reply.json(HttpStatus.ACCEPTED, Json.object().put("type", AuditEvent.WEBHOOK_TEST.type())
                .put("commandId", command.getCommandId()));
    }

    private static WebhookCommand.Builder command(String name, WebhookAction action) {
        return WebhookCommand.newBuilder().setName(name).setAction(action);
    }

    private static String name(Call call) {
        String name = call.path().get("name");
        if (!WebhookRules.NAME.matcher(name).matches()) {
            throw Problem.parameter("name", "must match " + WebhookRules.NAME.pattern());
        }
        return name;
    }

    private String url(Body body) {
        String text = body.requiredText("url", WebhookRules.LONGEST_URL);
        URI url = WebhookRules.url(text).orElseThrow(() -> body.problem("url", WebhookRules.URL_RULE));
        refusal.apply(url).ifPresent(reason -> {
            throw body.problem("url", reason);
        });
        return text;
    }

    private Optional<List<WebhookSecret>> secrets(String tenant, String name, Body body) {
        return body.objects("secrets", WebhookRules.MOST_SECRETS, "id", "secret").map(entries -> {
            List<WebhookSecret> secrets = new ArrayList<>();
            Set<String> ids = new HashSet<>();
            for (Body entry : entries) {
                String id = entry.requiredText("id", 63);
                if (!WebhookRules.NAME.matcher(id).matches() || !ids.add(id)) {
                    throw entry.problem("id", "must match " + WebhookRules.NAME.pattern() + " and differ from others");
                }
                byte[] key = WebhookRules.secret(entry.requiredText("secret", 128))
                        .orElseThrow(() -> entry.problem("secret", WebhookRules.SECRET_RULE));
                byte[] sealed = seal.seal(SecretSeal.webhookSecretContext(tenant, name, id), key);
                secrets.add(WebhookSecret.newBuilder().setId(id).setSealed(ByteBuffer.wrap(sealed)).build());
            }
            return secrets;
        });
    }

    private static Optional<WebhookEntry> find(Answer<List<WebhookEntry>> answer, String name) {
        return answer.value().stream().filter(entry -> entry.name().equals(name)).findFirst();
    }

    /** What was written, where it was not read back yet. */
    private static WebhookEntry written(Call call, WebhookCommand.Builder command, long version,
            Optional<WebhookEntry> before) {
        List<String> secretIds = command.getSecrets() == null
                ? before.map(WebhookEntry::secretIds).orElse(List.of())
                : command.getSecrets().stream().map(WebhookSecret::getId).toList();
        return new WebhookEntry(command.getName(), version, command.getUrl(), secretIds, command.getEvents(),
                command.getStatus(), "", call.now(), before.flatMap(WebhookEntry::delivery));
    }

    private static ObjectNode webhook(WebhookEntry entry) {
        ObjectNode node = Json.object().put("name", entry.name()).put("url", entry.url());
        ArrayNode secrets = node.putArray("secrets");
        entry.secretIds().forEach(id -> secrets.addObject().put("id", id));
        entry.events().forEach(node.putArray("events")::add);
        node.put("status", entry.status().name()).put("disabledReason", entry.disabledReason())
                .put("version", entry.version()).put("updatedAt", Json.time(entry.updatedAt()));
        node.set("delivery", entry.delivery().map(WebhookResource::delivery).orElse(null));
        return node;
    }

    private static ObjectNode delivery(WebhookEntry.Delivery delivery) {
        ObjectNode node = Json.object().put("delivered", delivery.delivered()).put("givenUp", delivery.givenUp())
                .put("failures", delivery.failures());
        Json.put(node, "failingSince", delivery.failingSince());
        node.put("lastEventId", delivery.lastEventId());
        Json.put(node, "lastAttemptAt", delivery.lastAttemptAt());
        Json.put(node, "lastSuccessAt", delivery.lastSuccessAt());
        node.put("lastStatus", delivery.lastStatus() == 0 ? null : Integer.valueOf(delivery.lastStatus()))
                .put("lastError", delivery.lastError());
        Json.put(node, "nextAttemptAt", delivery.nextAttemptAt());
        return node;
    }
}
