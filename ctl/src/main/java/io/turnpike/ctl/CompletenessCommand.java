package io.turnpike.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ctl completeness}: whether all that the relays sent has arrived. */
@Command(name = "completeness", description = {
    "Show by hour and relay whether all events have arrived: of the last 24 hours, or of a range within seven days, widened to whole hours.",
    "A relay speaks of an hour a minute or so after its end."})
final class CompletenessCommand implements Runnable {

    @Mixin
    private Session session;

    @Mixin
    private Range range;

    @Override
    public void run() {
        session.print(session.api().get(Path.of("telemetry", "completeness").with(range)).body(),
                CompletenessCommand::table);
    }

    private static Table table(JsonNode answer) {
        Table table = new Table("HOUR", "COMPLETE", "NODE", "EXPECTED", "RECEIVED", "MISSING", "GIVEN UP",
                "DUPLICATES", "COUNTED");
        answer.path("hours").forEach(hour -> {
            if (hour.path("nodes").isEmpty()) {
                table.row(hour.path("start"), yesOrNo(hour.path("complete")), "no relay was live", "-", "-", "-", "-",
                        "-", "-");
            }
            hour.path("nodes").forEach(node -> table.row(hour.path("start"), yesOrNo(node.path("complete")),
                    node.path("node"), node.path("expected"), node.path("received"), node.path("missing"),
                    node.path("givenUp"), node.path("duplicates"), yesOrNo(node.path("counted"))));
        });
        return table;
    }

    private static String yesOrNo(JsonNode flag) {
        return flag.asBoolean() ? "yes" : "no";
    }
}
