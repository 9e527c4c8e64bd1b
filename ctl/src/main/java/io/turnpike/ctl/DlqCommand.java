package io.turnpike.ctl;

import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctl dlq}: the records that the stream put aside. */
@Command(name = "dlq", description = "List and show records that the stream put aside, and send them again.")
final class DlqCommand {

    @Command(description = "List dead letters, newest first.")
    void list(@Mixin Session session,
            @Option(names = "--topic", paramLabel = "TOPIC", description = "Those of records of this topic only.") String topic,
            @Option(names = "--reason", paramLabel = "unreadable|nonsense|failed|unsendable", description = "Those that were put aside for this reason only.") String reason,
            @Option(names = "--since", paramLabel = "TIME", description = "Not those before this time, such as 2026-11-22T10:00:00Z.") String since,
            @Mixin Page page) {
        JsonNode body = session.api().get(Path.of("dlq").with("since", since).with("topic", topic)
                .with("reason", reason).with(page)).body();
        session.print(body, answer -> table(answer.path("deadLetters")));
    }

    @Command(description = "Show a dead letter with its bytes.")
    void show(@Mixin Session session, @Parameters(paramLabel = "LETTER") String letter) {
        session.print(session.api().get(Path.of("dlq", letter)).body(), DlqCommand::details);
    }

    @Command(description = {"Send records to where they came from, each once.",
        "Mend first what made them fail: a record that fails again becomes another letter."})
    void replay(@Mixin Session session,
            @Parameters(paramLabel = "LETTER", arity = "1..*", description = "Letters as the list names them.") List<String> letters,
            @Option(names = "--force", description = "Also those that were sent again before.") boolean force) {
        ObjectNode body = ApiClient.JSON.createObjectNode().put("force", force);
        ArrayNode sent = ApiClient.JSON.createArrayNode();
        for (String letter : letters) { // one that is refused ends it, and those before it are sent
            sent.add(session.api().post(Path.of("dlq", letter, "replay"), body).body());
            session.done("sent again " + Table.text(letter));
        }
        session.printJson(sent);
    }

    private static Table table(Iterable<JsonNode> letters) {
        Table table = new Table("LETTER", "AT", "REASON", "TOPIC", "KEY", "BYTES", "REPLAYED", "MESSAGE");
        for (JsonNode letter : letters) {
            table.row(letter.path("id"), letter.path("at"), letter.path("reason"), letter.path("topic"),
                    letter.path("key"), letter.path("valueBytes"), letter.path("replayedAt"), letter.path("message"));
        }
        return table;
    }

    private static Table details(JsonNode letter) {
        return new Table("FIELD", "VALUE").row("letter", letter.path("id")).row("put aside at", letter.path("at"))
                .row("reason", letter.path("reason")).row("error", letter.path("error"))
                .row("message", letter.path("message")).row("step", letter.path("step"))
                .row("from", Table.text(letter.path("topic")) + '-' + letter.path("partition").asText() + " at "
                        + letter.path("offset").asText())
                .row("time", letter.path("timestamp")).row("application", letter.path("application"))
                .row("key", letter.path("key")).row("bytes", letter.path("valueBytes").asText())
                .row("whole", letter.path("whole").asText()).row("replayed at", letter.path("replayedAt"))
                .row("replayed by", letter.path("replayedBy")).row("record type", letter.path("recordType"))
                .row("record", letter.path("record")).row("value (base64)", letter.path("valueBase64"));
    }
}
