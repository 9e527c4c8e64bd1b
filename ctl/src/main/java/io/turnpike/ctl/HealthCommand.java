package io.turnpike.ctl;

import java.util.List;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ctl health}: whether instances of the telemetry application can answer, and how far those are that restore. */
@Command(name = "health", description = {
    "Show whether instances of the telemetry application can answer, and what those wait for that cannot.",
    "The exit code is 0 if all of them can, and 3 otherwise."})
final class HealthCommand implements Callable<Integer> {

    @Mixin
    private Session session;

    @Parameters(arity = "0..*", paramLabel = "URL", description = "Instances; the one of --url if none is named.")
    private List<String> urls;

    @Override
    public Integer call() {
        ArrayNode instances = ApiClient.JSON.createArrayNode();
        (urls == null ? List.of(session.url()) : urls).forEach(url -> instances.add(instance(url)));
        session.print(instances, HealthCommand::table);
        boolean allReady = instances.findValuesAsText("state").stream().allMatch("READY"::equals);
        return allReady ? ExitCode.OK : ExitCode.UNAVAILABLE;
    }

    private ObjectNode instance(String url) {
        ObjectNode instance = ApiClient.JSON.createObjectNode().put("instance", url);
        try {
            session.api(url).get(Path.outside("health", "ready"));
            return instance.put("state", "READY");
        } catch (ApiException e) {
            if (e.exitCode() == ExitCode.USAGE) {
                throw e;
            }
            JsonNode restoring = e.problem().path("restoring");
            if (restoring.isObject()) {
                instance.put("state", "RESTORING").setAll((ObjectNode) restoring);
            } else {
                instance.put("state", e.problem().hasNonNull("detail") ? "NOT READY" : "AWAY");
            }
            return instance.put("detail", e.problem().path("detail").asText(e.getMessage()));
        }
    }

    private static Table table(JsonNode instances) {
        Table table = new Table("INSTANCE", "STATE", "DONE %", "RECORDS LEFT", "WAITS FOR");
        instances.forEach(instance -> table.row(instance.path("instance"), instance.path("state"),
                instance.path("percentDone"), instance.path("recordsLeft"), instance.path("detail")));
        return table;
    }
}
