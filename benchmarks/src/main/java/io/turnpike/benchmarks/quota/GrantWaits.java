package io.turnpike.benchmarks.quota;

import io.turnpike.benchmarks.ClusterApi;
import io.turnpike.benchmarks.quota.QuotaFigures.Measure;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/**
 * How long relays waited for credit, by their own metric {@code turn_quota_grant_wait_seconds}: from the report that asks to
 * the grant that brings some, over Kafka and the ledger's transaction.
 */
record GrantWaits(List<ClusterApi> relays) {
    private static final String HISTOGRAM = "turn_quota_grant_wait_seconds";
    private static final double PERCENT = 100;

    /** Questions of all relays. */
    record Counts(double within100Millis, double within200Millis, double all) {
        Counts since(Counts before) {
            return new Counts(within100Millis - before.within100Millis, within200Millis - before.within200Millis,
                    all - before.all);
        }

        void add(QuotaFigures figures, String label) {
            if (all > 0) {
                figures.add(label, Measure.GRANTED_SOON, PERCENT * within100Millis / all);
                figures.add(label, Measure.GRANTED_IN_TIME, PERCENT * within200Millis / all);
            }
        }
    }

    static GrantWaits of(List<Integer> adminPorts) {
        return new GrantWaits(adminPorts.stream()
                .map(port -> new ClusterApi(URI.create("http://127.0.0.1:" + port + '/'))).toList());
    }

    Counts read() throws IOException, InterruptedException {
        return new Counts(sum("_bucket{le=\"0.1\"}"), sum("_bucket{le=\"0.2\"}"), sum("_count"));
    }

    private double sum(String series) throws IOException, InterruptedException {
        double sum = 0;
        for (ClusterApi relay : relays) {
            sum += relay.metric(HISTOGRAM + series);
        }
        return sum;
    }
}
