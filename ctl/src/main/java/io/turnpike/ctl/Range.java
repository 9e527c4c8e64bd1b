package io.turnpike.ctl;

import picocli.CommandLine.Option;

/** The options that say of which time a command tells. */
final class Range {

    @Option(names = "--from", paramLabel = "TIME", description = "RFC 3339; included.")
    private String from;

    @Option(names = "--to", paramLabel = "TIME", description = "RFC 3339; not included.")
    private String to;

    Path in(Path path) {
        return path.with("from", from).with("to", to);
    }
}
