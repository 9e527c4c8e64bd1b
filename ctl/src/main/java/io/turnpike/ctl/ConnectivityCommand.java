package io.turnpike.ctl;

import java.util.Locale;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ctl connectivity}: how allocations came out. */
@Command(name = "connectivity", description = "Show how allocations came out, of the cluster or of a tenant, and the share that succeeded.")
final class ConnectivityCommand implements Runnable {

    @Mixin
    private Session session;

    @Parameters(arity = "0..1", paramLabel = "TENANT")
    private String tenant;

    @Override
    public void run() {
        JsonNode body = session.api().get(
                tenant == null ? Path.of("cluster", "connectivity") : Path.of("tenants", tenant, "connectivity"))
                .body();
        session.print(body, ConnectivityCommand::table);
        session.done(success(body.path("success")));
    }

    private static Table table(JsonNode answer) {
        Table table = new Table("OUTCOME", "COUNT");
        answer.path("counts").properties().forEach(count -> table.row(count.getKey(), count.getValue()));
        return table;
    }

    private static String success(JsonNode success) {
        String share = success.path("value").isNumber()
                ? String.format(Locale.ROOT, "%.1f %%, %d of %d", 100 * success.path("value").asDouble(),
                        success.path("numerator").asLong(), success.path("denominator").asLong())
                : "not known yet";
        return "success: " + share + " = " + Table.text(success.path("formula"));
    }
}
