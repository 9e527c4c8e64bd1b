package io.turnpike.benchmarks.relay;

import java.io.IOException;
import java.util.List;

/** Audio: small packets, each alone. */
final class LonePackets implements Step {
    @Override
    public String name() {
        return "lone";
    }

    @Override
    public String about() {
        return "lone packets of 172 bytes: CPU at a fixed rate and saturated, highest rate";
    }

    @Override
    public boolean hasFloor() {
        return true;
    }

    @Override
    public void warmUp(Lab lab, Server server) throws IOException, InterruptedException {
        lab.relay(server, lab.options().warmUpSeconds(), "--window", Lab.WINDOW);
        warmUpAtFixedRate(lab, server);
    }

    /** For every step that has this load. */
    static void warmUpAtFixedRate(Lab lab, Server server) throws IOException, InterruptedException {
        if (lab.isCold("lone packets", server)) {
            atFixedRate(lab, server, lab.options().warmUpSeconds());
        }
    }

    @Override
    public List<Turn> turns() {
        return List.of(this::fixedRate, this::saturated,
                (lab, server) -> lab.highestRate(Measure.LONE_RATE, Measure.LONE_SATURATED_RATE, server));
    }

    /** The load that others measure beside something else. */
    static Load.Run atFixedRate(Lab lab, Server server, double seconds) throws IOException, InterruptedException {
        return lab.relay(server, seconds, "--rate", Lab.RATE);
    }

    private void fixedRate(Lab lab, Server server) throws IOException, InterruptedException {
        lab.costAtRate(Measure.LONE_CPU, server, atFixedRate(lab, server, lab.options().seconds()));
    }

    private void saturated(Lab lab, Server server) throws IOException, InterruptedException {
        Load.Run run = lab.relay(server, lab.options().seconds(), "--window", Lab.WINDOW);
        lab.saturated(Measure.LONE_SATURATED_RATE, run.perSecond("received"), Measure.LONE_SATURATED_CPU, server, run);
    }
}
