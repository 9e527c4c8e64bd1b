package io.turnpike.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The options of a benchmark's command line, {@code --name value} each, or a flag's {@code --name} alone. What is taken is
 * known to the benchmark; the last of several of one name holds.
 */
public final class Arguments {
    private static final int USAGE = 2;
    private static final String OPTION = "--";

    /** Values by name; an empty one for a name alone. */
    private final Map<String, Optional<String>> given = new LinkedHashMap<>();

    /** What is done as the options say. */
    public interface Program<O> {
        /** Runs it; answers the exit code. */
        int run(O options) throws IOException, InterruptedException;
    }

    private Arguments(String... line) {
        Iterator<String> rest = Arrays.asList(line).iterator();
        String name = rest.hasNext() ? rest.next() : null;
        while (name != null) {
            String next = rest.hasNext() ? rest.next() : null;
            boolean isValue = next != null && !next.startsWith(OPTION);
            given.put(name, Optional.ofNullable(isValue ? next : null));
            name = !isValue ? next : rest.hasNext() ? rest.next() : null;
        }
    }

    /** Runs a benchmark as its command line asks, or says how that is written; answers the exit code. */
    public static <O> int run(String help, Function<String[], O> parser, Program<O> program, String... line)
            throws IOException, InterruptedException {
        if (Arrays.asList(line).contains("--help")) {
            System.out.print(help);
            return 0;
        }
        O options;
        try {
            options = parser.apply(line);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.print(help);
            return USAGE;
        }
        return program.run(options);
    }

    /**
     * Reads a command line.
     *
     * @param reader takes all options that there are
     * @throws IllegalArgumentException with a message for people, if it is none
     */
    public static <O> O read(Function<Arguments, O> reader, String... line) {
        Arguments arguments = new Arguments(line);
        O options = reader.apply(arguments);
        if (!arguments.given.isEmpty()) {
            throw new IllegalArgumentException("there is no option " + String.join(", ", arguments.given.keySet()));
        }
        return options;
    }

    /** Whether a flag is there. */
    public boolean has(String flag) {
        Optional<String> value = given.remove(flag);
        if (value != null && value.isPresent()) {
            throw new IllegalArgumentException(flag + " takes no value, not " + value.get());
        }
        return value != null;
    }

    /** The value of an option, or another where it is not there. */
    public <T> T value(String option, T otherwise, Function<String, T> reader) {
        Optional<String> value = given.remove(option);
        if (value == null) {
            return otherwise;
        }
        return reader.apply(value.orElseThrow(() -> new IllegalArgumentException(option + " wants a value")));
    }

    /** A file or folder. */
    public Optional<Path> path(String option) {
        return value(option, Optional.empty(), text -> Optional.of(Path.of(text)));
    }

    /** A whole number within bounds. */
    public int whole(String option, int otherwise, int least, int most) {
        return value(option, otherwise, text -> whole(option, text, least, most));
    }

    /** Whole numbers within bounds, with commas between. */
    public List<Integer> wholes(String option, List<Integer> otherwise, int least, int most) {
        return value(option, otherwise,
                text -> Stream.of(text.split(",")).map(number -> whole(option, number, least, most)).toList());
    }

    /** A number within bounds. */
    public double number(String option, double otherwise, double least, double most) {
        return value(option, otherwise, text -> {
            try {
                double number = Double.parseDouble(text);
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // said below
            }
            throw new IllegalArgumentException(String.format(Locale.ROOT,
                    "%s takes numbers from %,.1f to %,.1f, not %s", option, least, most, text));
        });
    }

    private static int whole(String option, String text, int least, int most) {
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException(String.format(Locale.ROOT, "%s takes whole numbers from %,d to %,d, not %s",
                option, least, most, text));
    }
}
