package io.turnpike.benchmarks.relay;

import java.io.IOException;
import java.util.List;

/** Clients that come and go: challenge, Allocate, ChannelBind, release, one client after the other. */
final class AllocationCycles implements Step {
    /** A cycle runs each method once: it takes some 20,000 of them until the compiler rests. */
    private static final int WARM_UPS = 8;

    @Override
    public String name() {
        return "cycles";
    }

    @Override
    public String about() {
        return "challenge, Allocate, ChannelBind, release: CPU and rate";
    }

    @Override
    public void warmUp(Lab lab, Server server) throws IOException, InterruptedException {
        run(lab, server, WARM_UPS * lab.options().warmUpSeconds());
    }

    @Override
    public List<Turn> turns() {
        return List.of(this::cycles);
    }

    private void cycles(Lab lab, Server server) throws IOException, InterruptedException {
        Load.Run run = run(lab, server, lab.options().seconds());
        lab.results().add(Measure.CYCLE_CPU, server.name(), run.cpuMicros("cycles"));
        lab.results().add(Measure.CYCLE_RATE, server.name(), run.perSecond("cycles"));
        if (run.number("failed") > 0) {
            lab.note(Measure.CYCLE_RATE, "%s refused some", server.name());
        }
    }

    private static Load.Run run(Lab lab, Server server, double seconds) throws IOException, InterruptedException {
        return lab.load().run(server, Transport.UDP, "cycle", List.of("--seconds", Double.toString(seconds)));
    }
}
