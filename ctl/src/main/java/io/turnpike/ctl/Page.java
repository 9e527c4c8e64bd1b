package io.turnpike.ctl;

import picocli.CommandLine.Option;

/** The options that say which part of a list a command prints. */
final class Page {

    @Option(names = "--limit", paramLabel = "N", description = "At most so many, 1 to 1000 (50).")
    private Integer limit;

    @Option(names = "--cursor", description = "Go on where a list ended.")
    private String cursor;

    Path in(Path path) {
        return path.with("limit", limit).with("cursor", cursor);
    }
}
