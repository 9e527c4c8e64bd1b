package io.turnpike.ctl;

import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctl allocations}: the relayed sessions of a tenant. */
@Command(name = "allocations", description = "List a tenant's allocations, or show one.")
final class AllocationsCommand {

    @Command(description = "List live or ended allocations.")
    void list(@Mixin Session session, @Parameters(paramLabel = "TENANT") String tenant,
            @Option(names = "--state", paramLabel = "live|ended", defaultValue = "live", description = "Those that are live, or those that have ended (live).") String state,
            @Option(names = "--user", paramLabel = "USER", description = "Only this user's.") String user,
            @Mixin Page page) {
        JsonNode body = session.api().get(Path.of("tenants", tenant, "allocations").with("state", state)
                .with("user", user).with(page)).body();
        session.print(body, answer -> table(answer.path("allocations")));
    }

    @Command(description = "Show an allocation.")
    void get(@Mixin Session session, @Parameters(paramLabel = "ALLOCATION") String id) {
        session.print(session.api().get(Path.of("allocations", id)).body(), answer -> table(List.of(answer)));
    }

    private static Table table(Iterable<JsonNode> allocations) {
        Table table = new Table("ALLOCATION", "USER", "STATE", "TRANSPORT", "CREATED", "ENDED", "REASON", "OUTCOME",
                "BILLABLE");
        for (JsonNode allocation : allocations) {
            boolean ended = allocation.hasNonNull("endedAt");
            table.row(allocation.path("id"), allocation.path("user"), allocation.path("state"),
                    allocation.path("transport"), allocation.path("createdAt"), allocation.path("endedAt"),
                    ended ? allocation.path("endReason") : "-", allocation.path("outcome"),
                    allocation.path("usage").path("billableBytes"));
        }
        return table;
    }
}
