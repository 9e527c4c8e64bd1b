package io.turnpike.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctl users}: which users of a tenant relay how much. */
@Command(name = "users", description = {"List a tenant's users by what they used.",
    "Without --from and --to it is the running hour and the one before."})
final class UsersCommand implements Runnable {

    @Mixin
    private Session session;

    @Parameters(paramLabel = "TENANT")
    private String tenant;

    @Mixin
    private Range range;

    @Option(names = "--sort", paramLabel = "-bytes|bytes|user", description = "Largest first unless said otherwise.")
    private String sort;

    @Mixin
    private Page page;

    @Override
    public void run() {
        JsonNode body = session.api().get(Path.of("tenants", tenant, "users").with(range).with("sort", sort)
                .with(page)).body();
        session.print(body, UsersCommand::table);
    }

    private static Table table(JsonNode answer) {
        Table table = new Table("USER", "CLIENT>RELAY", "RELAY>CLIENT", "BILLABLE");
        answer.path("users").forEach(user -> table.row(user.path("user"),
                user.path("clientToRelay").path("wireBytes"), user.path("relayToClient").path("wireBytes"),
                user.path("billableBytes")));
        return table;
    }
}
