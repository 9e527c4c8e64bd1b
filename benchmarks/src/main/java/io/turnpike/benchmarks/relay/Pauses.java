package io.turnpike.benchmarks.relay;

import io.turnpike.benchmarks.JavaFindings;
import io.turnpike.benchmarks.JavaRecording;
import java.io.IOException;
import java.util.List;

/** How long the collector stops the relay while packets flow, and what the threads that relay allocate. */
final class Pauses implements Step {
    private static final double NANOS_PER_MILLI = 1e6;

    @Override
    public String name() {
        return "pauses";
    }

    @Override
    public String about() {
        return "lone packets at 50,000/s for a minute: pauses of the relay's collector, bytes allocated";
    }

    @Override
    public void warmUp(Lab lab, Server server) throws IOException, InterruptedException {
        LonePackets.warmUpAtFixedRate(lab, server);
    }

    @Override
    public List<Turn> turns() {
        return List.of(this::record);
    }

    private void record(Lab lab, Server server) throws IOException, InterruptedException {
        if (!server.isJava() || !lab.isFirstRound()) {
            return;
        }
        try (JavaRecording recording = JavaRecording.start(server.pid())) {
            Load.Run run = lab.relay(server, lab.options().pauseSeconds(), "--rate", Lab.RATE, "--warmup", "0");
            JavaFindings findings = recording.stop();
            Results results = lab.results();
            results.add(Measure.PAUSE_LONGEST, server.name(),
                    findings.longestCollectorPause().toNanos() / NANOS_PER_MILLI);
            results.add(Measure.PAUSE_COUNT, server.name(),
                    findings.pauses().stream().filter(JavaFindings.Pause::collector).count());
            results.add(Measure.ALLOCATED, server.name(),
                    findings.allocatedBytesOf(Servers.LOOP_THREADS) / Math.max(1, run.number("received")));
            lab.note(Measure.PAUSE_LONGEST, "longest stop of any kind %.3f ms, %d collections in %.0f s",
                    findings.longestPause().toNanos() / NANOS_PER_MILLI, findings.collections(), run.seconds());
            lab.note(Measure.ALLOCATED, "all threads together allocate %,.0f bytes/s",
                    findings.allocatedBytesPerSecond());
        }
    }
}
