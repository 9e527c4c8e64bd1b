package io.turnpike.benchmarks.relay;

import java.io.IOException;
import java.util.List;

/** Many allocations that carry nothing: their memory, and what they make others cost. */
final class Crowd implements Step {
    private static final double MEBIBYTE = 1 << 20;

    @Override
    public String name() {
        return "crowd";
    }

    @Override
    public String about() {
        return "10,000 allocations (--live) that carry nothing: memory, and CPU of others' packets";
    }

    @Override
    public void warmUp(Lab lab, Server server) throws IOException, InterruptedException {
        LonePackets.warmUpAtFixedRate(lab, server);
        lab.load().hold(server, Math.min(lab.options().live(), 1000)).close();
    }

    @Override
    public List<Turn> turns() {
        return List.of(this::crowd);
    }

    private void crowd(Lab lab, Server server) throws IOException, InterruptedException {
        double seconds = lab.options().seconds();
        int live = lab.options().live();
        double alone = LonePackets.atFixedRate(lab, server, seconds).cpuMicros("received");
        boolean weigh = lab.isFirstRound();
        long before = weigh ? server.settledMemoryBytes() : 0;
        long kernelBefore = Cores.kernelBytes();
        Load.Held held = lab.load().hold(server, live);
        try {
            if (weigh) {
                long kernel = Cores.kernelBytes() - kernelBefore;
                long after = server.settledMemoryBytes();
                lab.results().add(Measure.MEMORY_EACH, server.name(), (double) (after - before + kernel) / live);
                lab.results().add(Measure.MEMORY_TOTAL, server.name(), (after + kernel) / MEBIBYTE);
                lab.note(Measure.MEMORY_TOTAL, "%s holds %,d allocations", server.name(), live);
            }
            double crowded = lab.costAtRate(Measure.CROWD_CPU, server, LonePackets.atFixedRate(lab, server, seconds));
            lab.results().add(Measure.CROWD_GROWTH, server.name(), crowded / alone);
        } finally {
            held.close();
        }
    }
}
