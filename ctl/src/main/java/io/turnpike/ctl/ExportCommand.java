package io.turnpike.ctl;

import java.nio.file.Path;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ctl export}: the usage of every user over a period, as a file. */
@Command(name = "export", description = {"Write the usage of every user over a period to a file.",
    "The file is there when it is whole; what is cut off in the middle is not kept."})
final class ExportCommand implements Runnable {

    @Mixin
    private Session session;

    @Option(names = "--period", paramLabel = "PERIOD", description = "A month or a day in UTC, such as 2026-11 or 2026-11-22; or else --from and --to.")
    private String period;

    @Mixin
    private Range range;

    @Option(names = "--step", paramLabel = "1m|5m|1h|1d", description = "To which the range is widened.")
    private String step;

    @Option(names = "--tenant", paramLabel = "TENANT", description = "Only this tenant's users.")
    private String tenant;

    @Option(names = "--format", paramLabel = "csv|ndjson", description = "csv unless said otherwise.")
    private String format;

    @Option(names = {"-o", "--output"}, required = true, paramLabel = "FILE", description = "Replaced if it is there.")
    private Path output;

    @Override
    public void run() {
        long bytes = session.api()
                .download(io.turnpike.ctl.Path.of("usage", "export").with("period", period).with(range)
                        .with("step", step).with("tenant", tenant).with("format", format),
                        output);
        session.printJson(ApiClient.JSON.createObjectNode().put("file", output.toString()).put("bytes", bytes));
        session.done("wrote " + Table.text(output) + ", " + bytes + " bytes");
    }
}
