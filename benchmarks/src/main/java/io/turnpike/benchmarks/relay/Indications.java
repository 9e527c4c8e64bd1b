package io.turnpike.benchmarks.relay;

import java.io.IOException;
import java.util.List;

/** Packets of clients that bind no channel. */
final class Indications implements Step {
    @Override
    public String name() {
        return "indications";
    }

    @Override
    public String about() {
        return "lone packets in Send and Data indications: CPU at a fixed rate";
    }

    @Override
    public void warmUp(Lab lab, Server server) throws IOException, InterruptedException {
        run(lab, server, lab.options().warmUpSeconds());
    }

    @Override
    public List<Turn> turns() {
        return List.of((lab, server) -> lab.costAtRate(Measure.INDICATION_CPU, server,
                run(lab, server, lab.options().seconds())));
    }

    private static Load.Run run(Lab lab, Server server, double seconds) throws IOException, InterruptedException {
        return lab.relay(server, seconds, "--rate", Lab.RATE, "--indications");
    }
}
