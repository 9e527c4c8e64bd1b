package io.turnpike.benchmarks.relay;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
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
    static Options parse(String... arguments) {
        Parser parser = new Parser();
        Iterator<String> rest = Arrays.asList(arguments).iterator();
        while (rest.hasNext()) {
            parser.take(rest.next(), rest);
        }
        return parser.options();
    }

    private static final class Parser {
        private Rival rival = Rival.NONE;
        private boolean floor;
        private boolean quick;
        private int rounds = 5;
        private double seconds = 2;
        private double pauseSeconds = 60;
        private int live = 10_000;
        private Path java = Path.of(System.getProperty("java.home"));
        private Optional<Path> json = Optional.empty();
        private List<Step> steps = Step.all();

        void take(String option, Iterator<String> rest) {
            if (option.equals("--quick")) {
                quick = true;
                return;
            }
            if (option.equals("--floor")) {
                floor = true;
                return;
            }
            if (!rest.hasNext()) {
                throw new IllegalArgumentException(option + " is unknown or wants a value");
            }
            String value = rest.next();
            switch (option) {
                case "--against" -> rival = Rival.named(value);
                case "--only" -> steps = stepsNamed(value);
                case "--rounds" -> rounds = (int) within(option, value, 1, 1000);
                case "--seconds" -> seconds = within(option, value, 0.1, 600);
                case "--pause-seconds" -> pauseSeconds = within(option, value, 1, 3600);
                case "--live" -> live = (int) within(option, value, 1, MOST_LIVE);
                case "--java" -> java = Path.of(value);
                case "--json" -> json = Optional.of(Path.of(value));
                default -> throw new IllegalArgumentException("there is no option " + option);
            }
        }

        Options options() {
            return quick
                    ? new Options(rival, floor, 1, 0.3, 2, Math.min(live, QUICK_LIVE), 0.3, 2, java, json, steps)
                    : new Options(rival, floor, rounds, seconds, pauseSeconds, live, 8, 30, java, json, steps);
        }

        private static double within(String option, String value, double least, double most) {
            try {
                double number = Double.parseDouble(value);
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // said below
            }
            throw new IllegalArgumentException(
                    String.format("%s takes a number from %,.1f to %,.1f, not %s", option, least, most, value));
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
}
