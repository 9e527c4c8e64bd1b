package io.turnpike.benchmarks.queries;

import com.fasterxml.jackson.databind.JsonNode;
import io.turnpike.benchmarks.ClusterApi;
import io.turnpike.benchmarks.queries.QueryFigures.Measure;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Asks the first instance, one question after the other. */
final class Questions {
    private static final int HEAVY_SHARE = 5;
    private static final int WARM_UP = 50;
    private static final int MOST_OF_EACH = 30;
    private static final long MOST_NANOS = 120_000_000_000L;

    private final ClusterApi api;
    private final int users;
    private final int count;
    private final QueryFigures figures;

    Questions(ClusterApi api, ManyUsers trace, int count, QueryFigures figures) {
        this.api = api;
        this.users = trace.users();
        this.count = count;
        this.figures = figures;
    }

    void ask() throws IOException, InterruptedException {
        List<String> here = new ArrayList<>();
        List<String> there = new ArrayList<>();
        sort(here, there);
        System.out.printf(Locale.ROOT, "%d of the users asked about are here, %d on the other instance%n", here.size(),
                there.size());
        String top = "v1/tenants/" + ManyUsers.LARGE + "/users?sort=-bytes&limit=10";
        figures.add(Measure.TOP_FIRST, untilWhole(top));
        measure(Measure.USER_LOCAL, here, count);
        measure(Measure.USER_FORWARDED, there, count);
        measure(Measure.TENANT, List.of("v1/tenants/" + ManyUsers.LARGE + "/usage"), count);
        measure(Measure.TOP, List.of(top), Math.max(1, count / HEAVY_SHARE));
        measure(Measure.TOP_DAY, List.of(top + "&step=1d&from=" + Instant.now().truncatedTo(ChronoUnit.DAYS)),
                Math.max(1, count / HEAVY_SHARE));
        long start = System.nanoTime();
        long lines = api.lines("v1/usage/export?step=1h&from=" + Instant.now().minus(4, ChronoUnit.HOURS));
        if (lines != users + 1L) {
            throw new IOException("the file of " + users + " users has " + (lines - 1));
        }
        figures.add(Measure.EXPORT, (lines - 1) / ((System.nanoTime() - start) / 1e9));
    }

    /** By whether the first instance had to ask the second. */
    private void sort(List<String> here, List<String> there) throws IOException, InterruptedException {
        double before = forwarded();
        for (int index = 0; index < Math.min(ManyUsers.ACTIVE, users / 10); index++) {
            String path = "v1/tenants/" + ManyUsers.LARGE + "/users/" + ManyUsers.activeUser(index) + "/usage";
            time(path);
            double after = forwarded();
            (after > before ? there : here).add(path);
            before = after;
            if (here.size() >= MOST_OF_EACH && there.size() >= MOST_OF_EACH) {
                return;
            }
        }
    }

    /** How many questions the first instance has handed to the second. */
    private double forwarded() throws IOException, InterruptedException {
        double count = api.metric("turn_iq_requests_total{route=\"forwarded\"}");
        return Double.isNaN(count) ? 0 : count;
    }

    private void measure(Measure measure, List<String> paths, int questions) throws IOException, InterruptedException {
        if (paths.isEmpty()) {
            return;
        }
        int warmUp = Math.min(questions, WARM_UP);
        double[] samples = new double[questions];
        for (int question = -warmUp; question < questions; question++) {
            double millis = time(paths.get(Math.floorMod(question, paths.size())));
            if (question >= 0) {
                samples[question] = millis;
            }
        }
        figures.add(measure, samples);
    }

    /** Asks until nothing is missing: what does not fit into the time of one question is made for the next one. */
    private double untilWhole(String path) throws IOException, InterruptedException {
        long start = System.nanoTime();
        while (api.find(path).filter(Questions::isWhole).isEmpty()) {
            if (System.nanoTime() - start > MOST_NANOS) {
                throw new IOException(path + " was not answered as a whole");
            }
        }
        return (System.nanoTime() - start) / 1e6;
    }

    private static boolean isWhole(JsonNode answer) {
        return answer.get("complete").booleanValue() && !answer.get("stale").booleanValue();
    }

    private double time(String path) throws IOException, InterruptedException {
        long start = System.nanoTime();
        if (api.find(path).filter(Questions::isWhole).isEmpty()) {
            throw new IOException(path + " was not answered as a whole");
        }
        return (System.nanoTime() - start) / 1e6;
    }
}
