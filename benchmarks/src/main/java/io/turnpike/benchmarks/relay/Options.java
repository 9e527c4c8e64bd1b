package io.turnpike.benchmarks.relay;

import io.turnpike.benchmarks.Arguments;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the command line asks for.
 *
 * @param rival what is measured beside the relay
 * @param floor whether the least that relaying can cost is measured too
 * @param rounds of every measure
 * @param seconds of one run
 * @param pauseSeconds of the run that looks for pauses
 * @param live allocations of the crowd
 * @param warmUpSeconds of each load that is measured, before the first round
 * @param searchRuns that a search for a rate may take
 * @param java home of the JDK that the relay runs on
 * @param json where the figures go for machines
 * @param steps what is measured
 */
record Options(Rival rival, boolean floor, int rounds, double seconds, double pauseSeconds, int live,
        double warmUpSeconds,
        int searchRuns, Path java, Optional<Path> json, List<Step> steps) {
    private static final int MOST_LIVE = 100_000;
    private static final int QUICK_LIVE = 200;

    /**
     * Reads a command line.
     *
     * @throws IllegalArgumentException with a message for people, if it is none
     */
    static Options parse(String... line) {
        return Arguments.read(Options::of, line);
    }

    private static Options of(Arguments given) {
        boolean quick = given.has("--quick");
        Options asked = new Options(given.value("--against", Rival.NONE, Rival::named), given.has("--floor"),
                given.whole("--rounds", 5, 1, 1000), given.number("--seconds", 2, 0.1, 600),
                given.number("--pause-seconds", 60, 1, 3600), given.whole("--live", 10_000, 1, MOST_LIVE), 8, 30,
                given.path("--java").orElse(Path.of(System.getProperty("java.home"))), given.path("--json"),
                given.value("--only", Step.all(), Options::stepsNamed));
        return quick
                ? new Options(asked.rival, asked.floor, 1, 0.3, 2, Math.min(asked.live, QUICK_LIVE), 0.3, 2, asked.java,
                        asked.json, asked.steps)
                : asked;
    }

    private static List<Step> stepsNamed(String names) {
        List<String> wanted = new ArrayList<>(List.of(names.split(",")));
        List<Step> found = Step.all().stream().filter(step -> wanted.remove(step.name())).toList();
        if (!wanted.isEmpty()) {
            throw new IllegalArgumentException("--only does not know " + String.join(", ", wanted));
        }
        return found;
    }
}
