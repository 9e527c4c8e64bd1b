package io.turnpike.benchmarks;

import java.io.IOException;

/** Runs the benchmarks with JMH's command line. */
public final class Main {

    private Main() {}

    public static void main(String... args) throws IOException {
        org.openjdk.jmh.Main.main(args);
    }
}
