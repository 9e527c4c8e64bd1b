package io.turnpike.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** One scrape of a program's metrics. */
final class Metrics {
    private static final Duration BOUND = Duration.ofSeconds(10);

    private final Map<String, Double> series;

    private Metrics(Map<String, Double> series) {
        this.series = series;
    }

    /** Scrapes the program at this root. */
    static Metrics of(URI program) {
        try {
            HttpResponse<String> answer = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build().send(
                    HttpRequest.newBuilder(program.resolve("metrics")).timeout(BOUND).build(),
                    HttpResponse.BodyHandlers.ofString());
            Map<String, Double> series = new HashMap<>();
            answer.body().lines().filter(line -> !line.startsWith("#") && line.contains(" ")).forEach(line -> {
                int space = line.lastIndexOf(' ');
                series.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
            });
            return new Metrics(series);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The value of a series, named as in the scrape; 0 if it is not there. */
    double value(String name) {
        return series.getOrDefault(name, 0.0);
    }

    /** The sum over all labels of a metric. */
    double sum(String metric) {
        return series.entrySet().stream().filter(each -> each.getKey().startsWith(metric + "{"))
                .mapToDouble(Map.Entry::getValue).sum();
    }
}
