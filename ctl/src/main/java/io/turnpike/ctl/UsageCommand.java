package io.turnpike.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctl usage}: what was relayed over time, by the cluster, a node, a tenant or a user. */
@Command(name = "usage", description = {
    "Show usage over time: of the cluster, of a relay node, of a tenant, or of one of its users.",
    "Without --from and --to it is the last hour, or with --step 1h or 1d the running row and the one before.",
    "Bytes are wire bytes between client and relay. ADJUSTED ones are billed here, and were moved in an earlier month that was closed when they came to be known."})
final class UsageCommand implements Runnable {

    @Mixin
    private Session session;

    @Parameters(index = "0", arity = "0..1", paramLabel = "TENANT")
    private String tenant;

    @Parameters(index = "1", arity = "0..1", paramLabel = "USER")
    private String user;

    @Option(names = "--node", paramLabel = "NODE", description = "Of this relay node, for all tenants.")
    private String node;

    @Mixin
    private Range range;

    @Option(names = "--step", paramLabel = "1m|5m|1h|1d", description = "Length of a row's time.")
    private String step;

    @Override
    public void run() {
        JsonNode body = session.api().get(path().with(range).with("step", step)).body();
        session.print(body, UsageCommand::table);
    }

    private Path path() {
        if (node != null && tenant != null) {
            throw new ApiException(ExitCode.USAGE, "--node is for all tenants: name a node or a tenant");
        }
        if (tenant == null) {
            return node == null ? Path.of("cluster", "usage") : Path.of("nodes", node, "usage");
        }
        return user == null ? Path.of("tenants", tenant, "usage") : Path.of("tenants", tenant, "users", user, "usage");
    }

    private static Table table(JsonNode usage) {
        Table table = new Table("START", "CLIENT>RELAY", "PACKETS", "RELAY>CLIENT", "PACKETS", "BILLABLE",
                "ADJUSTED");
        usage.path("points").forEach(point -> row(table, point.path("start").asText(), point));
        return row(table, "total", usage.path("total"));
    }

    private static Table row(Table table, String title, JsonNode point) {
        JsonNode sent = point.path("clientToRelay");
        JsonNode received = point.path("relayToClient");
        return table.row(title, sent.path("wireBytes"), sent.path("packets"), received.path("wireBytes"),
                received.path("packets"), point.path("billableBytes"), point.path("adjustmentBytes"));
    }
}
