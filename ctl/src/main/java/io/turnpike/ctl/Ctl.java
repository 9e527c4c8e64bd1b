package io.turnpike.ctl;

import java.io.PrintWriter;
import java.nio.charset.Charset;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The operator's command line: names the commands, runs one, and turns its failure into a message and an exit code. */
@Command(name = "turnpike ctl", description = "Run a Turnpike cluster from the command line.", synopsisSubcommandLabel = "COMMAND", subcommands = {
    TenantsCommand.class, QuotaCommand.class, WebhooksCommand.class, UsageCommand.class, UsersCommand.class,
    AllocationsCommand.class, ConnectivityCommand.class, ExportCommand.class, NodesCommand.class,
    CompletenessCommand.class, HealthCommand.class,
    CredentialsCommand.class, RevokeCommand.class,
    DlqCommand.class}, exitCodeListHeading = "%nExit codes:%n", exitCodeList = {"0:done",
        "1:the server refused", "2:the command line is wrong",
        "3:the server cannot be reached or cannot answer now", "4:there is no such thing",
        "5:somebody else changed it meanwhile"})
public final class Ctl implements Runnable {

    @Spec
    private CommandSpec command;

    @Option(names = {"-h",
        "--help"}, usageHelp = true, scope = CommandLine.ScopeType.INHERIT, description = "Show this help.")
    private boolean help;

    private Ctl() {}

    /** Runs a command with the process's own output and answers the exit code. */
    public static int run(String... args) {
        return run(new PrintWriter(System.out, true, charset()), new PrintWriter(System.err, true, charset()), args);
    }

    /** Runs a command with other output and answers the exit code. */
    public static int run(PrintWriter out, PrintWriter err, String... args) {
        CommandLine line = new CommandLine(new Ctl()).setOut(out).setErr(err);
        line.setExecutionExceptionHandler((failure, failed, parsed) -> {
            if (failure instanceof ApiException refused) {
                err.println("turnpike ctl: " + Table.text(refused.getMessage()));
                err.flush();
                return refused.exitCode();
            }
            throw failure;
        });
        line.setParameterExceptionHandler((wrong, given) -> explain(wrong, err));
        int exitCode = line.execute(args);
        out.flush();
        return exitCode;
    }

    @Override
    public void run() {
        throw new ParameterException(command.commandLine(), "Name a command.");
    }

    /** Says what is wrong with a command line: with all options below it, it would be out of sight. */
    private static int explain(ParameterException wrong, PrintWriter err) {
        CommandLine failed = wrong.getCommandLine();
        err.println(Table.text(wrong.getMessage()));
        if (!failed.getSubcommands().isEmpty() && !(wrong instanceof UnmatchedArgumentException)) {
            failed.usage(err);
        } else if (!UnmatchedArgumentException.printSuggestions(wrong, err)) {
            err.println("'" + failed.getCommandSpec().qualifiedName() + " --help' says what it takes.");
        }
        err.flush();
        return failed.getCommandSpec().exitCodeOnInvalidInput();
    }

    private static Charset charset() {
        return Charset.defaultCharset();
    }
}
