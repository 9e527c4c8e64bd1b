package io.turnpike.node;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.stream.LongStream;

/** What a relay says of itself on its admin port. */
final class Metrics {
    private Metrics() {}

    /**
     * The value of the first series whose name and labels begin so.
     *
     * @throws java.util.NoSuchElementException if there is none
     */
    static long metric(RelayNode node, String series) throws Exception {
        return values(node, series).findFirst().orElseThrow();
    }

    /** The value of the first series whose name and labels begin so, 0 if there is none. */
    static long metricOrZero(RelayNode node, String series) throws Exception {
        return values(node, series).findFirst().orElse(0);
    }

    /** The sum of all series whose name and labels begin so, 0 if there is none. */
    static long sum(RelayNode node, String series) throws Exception {
        return values(node, series).sum();
    }

    private static LongStream values(RelayNode node, String series) throws Exception {
        String url = "http://127.0.0.1:" + node.adminAddress().getPort() + "/metrics";
        String text = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString()).body();
        return text.lines().filter(line -> line.startsWith(series))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)));
    }
}
