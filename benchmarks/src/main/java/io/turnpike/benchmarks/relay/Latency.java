package io.turnpike.benchmarks.relay;

import java.io.IOException;
import java.util.List;

/** How long a packet takes from one side to the other while the server has time. */
final class Latency implements Step {
    private static final String MODEST_RATE = "5000";

    @Override
    public String name() {
        return "latency";
    }

    @Override
    public String about() {
        return "one-way time of lone packets at 5,000/s: p50, p99, p99.9";
    }

    @Override
    public boolean hasFloor() {
        return true;
    }

    @Override
    public void warmUp(Lab lab, Server server) throws IOException, InterruptedException {
        LonePackets.warmUpAtFixedRate(lab, server);
    }

    @Override
    public List<Turn> turns() {
        return List.of(this::oneWay);
    }

    private void oneWay(Lab lab, Server server) throws IOException, InterruptedException {
        Load.Run run = lab.relay(server, lab.options().seconds(), "--rate", MODEST_RATE);
        lab.results().add(Measure.LATENCY_P50, server.name(), run.number("p50Micros"));
        lab.results().add(Measure.LATENCY_P99, server.name(), run.number("p99Micros"));
        lab.results().add(Measure.LATENCY_P999, server.name(), run.number("p999Micros"));
    }
}
