package io.turnpike.ctl;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.function.Function;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that every command has: where the API is, who asks, and how to print. */
final class Session {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(names = "--url", defaultValue = "${env:TURNPIKE_URL:-http://127.0.0.1:8080}", paramLabel = "URL", description = "The telemetry API (default: $TURNPIKE_URL, else http://127.0.0.1:8080).")
    private String url;

    @Option(names = "--token", defaultValue = "${env:TURNPIKE_TOKEN}", paramLabel = "TOKEN", description = "Bearer token (default: $TURNPIKE_TOKEN).")
    private String token;

    @Option(names = "--json", description = "Print the API's JSON instead of a table.")
    private boolean json;

    ApiClient api() {
        return api(url);
    }

    /** Another instance, asked by the same caller. */
    ApiClient api(String otherUrl) {
        return new ApiClient(otherUrl, token);
    }

    String url() {
        return url;
    }

    PrintWriter out() {
        return command.root().commandLine().getOut();
    }

    /** Prints the answer as JSON or as the table. */
    void print(JsonNode body, Function<JsonNode, Table> table) {
        if (json) {
            try {
                out().println(ApiClient.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(body));
            } catch (JsonProcessingException e) {
                throw new UncheckedIOException(e);
            }
            return;
        }
        table.apply(body).print(out());
        if (body.hasNonNull("nextCursor")) {
            out().println("more: --cursor " + Table.text(body.get("nextCursor")));
        }
        if (body.has("complete") && !body.get("complete").asBoolean()) {
            out().println(
                    "incomplete: partitions " + body.path("missingPartitions") + " are missing from these figures");
        }
        if (body.path("stale").asBoolean()) {
            out().println("stale: read from a standby that has followed up to " + Table.text(body.path("asOf")));
        }
    }

    /** Prints another table of an answer that was printed. */
    void printMore(JsonNode body, Function<JsonNode, Table> table) {
        if (!json) {
            table.apply(body).print(out());
        }
    }

    /** Prints JSON where a script wants it. */
    void printJson(JsonNode body) {
        if (json) {
            print(body, none -> new Table());
        }
    }

    /** Says what was done, unless a script wants JSON. */
    void done(String message) {
        if (!json) {
            out().println(message);
        }
    }
}
