package io.turnpike.benchmarks.relay;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What the relay is measured beside. */
enum Rival {
    /** Nothing. */
    NONE("none"),
    /** Debian's coturn, with its own threads and with one. */
    COTURN("coturn"),
    /** The same relay in a second process, serving a tenant without a quota: what enforcing one costs. */
    NO_QUOTA("no-quota");

    private final String text;

    Rival(String text) {
        this.text = text;
    }

    /** The rival that {@code --against} names. */
    static Rival named(String text) {
        return Arrays.stream(values()).filter(rival -> rival.text.equals(text)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--against takes " + Arrays.stream(values())
                        .map(rival -> rival.text).collect(Collectors.joining(", ")) + ", not " + text));
    }
}
