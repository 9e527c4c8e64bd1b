package io.turnpike.node.ops;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;

/**
 * Named answers to "are you well". Live checks fail when only a restart helps; ready checks fail while clients should be
 * sent elsewhere. Thread-safe; checks run on the admin thread and must not block.
 */
public final class HealthChecks {
    private final Map<String, Supplier<Health>> live = new ConcurrentSkipListMap<>();
    private final Map<String, Supplier<Health>> ready = new ConcurrentSkipListMap<>();

    /**
     * What a check says.
     *
     * @param healthy whether all is well
     * @param detail one line for people, or empty
     */
    public record Health(boolean healthy, String detail) {
        /** All is well. */
        public static final Health OK = new Health(true, "");

        /** All is well, with a remark such as "Kafka is away, spooling". */
        public static Health ok(String detail) {
            return new Health(true, detail);
        }

        /** Something is wrong. */
        public static Health failing(String detail) {
            return new Health(false, detail);
        }
    }

    /** Adds a check that only a restart mends. */
    public void addLive(String name, Supplier<Health> check) {
        live.put(name, check);
    }

    /** Adds a check that keeps clients away while it fails. */
    public void addReady(String name, Supplier<Health> check) {
        ready.put(name, check);
    }

    /** Answers of all live checks, by name. */
    public Map<String, Health> live() {
        return ask(live);
    }

    /** Answers of all checks: who is not alive is not ready. */
    public Map<String, Health> ready() {
        Map<String, Health> answers = ask(live);
        answers.putAll(ask(ready));
        return answers;
    }

    private static Map<String, Health> ask(Map<String, Supplier<Health>> checks) {
        Map<String, Health> answers = new LinkedHashMap<>();
        checks.forEach((name, check) -> answers.put(name, ask(check)));
        return answers;
    }

    private static Health ask(Supplier<Health> check) {
        try {
            return check.get();
        } catch (RuntimeException e) {
            return Health.failing("the check itself failed: " + e.getClass().getSimpleName());
        }
    }
}
