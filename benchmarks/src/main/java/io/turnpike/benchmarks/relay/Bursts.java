package io.turnpike.benchmarks.relay;

import java.io.IOException;
import java.util.List;

/** Video: the packets of a frame, one behind the other. */
final class Bursts implements Step {
    private static final String FEW = "8";
    private static final String MANY = "16";

    @Override
    public String name() {
        return "bursts";
    }

    @Override
    public String about() {
        return "bursts of 8 and 16 packets of 1,000 bytes: the same";
    }

    @Override
    public boolean hasFloor() {
        return true;
    }

    @Override
    public void warmUp(Lab lab, Server server) throws IOException, InterruptedException {
        lab.relay(server, lab.options().warmUpSeconds(), "--window", Lab.WINDOW, "--burst", MANY, "--size",
                Lab.FRAME_BYTES);
        atFixedRate(lab, server, lab.options().warmUpSeconds() / 2, FEW);
    }

    @Override
    public List<Turn> turns() {
        return List.of((lab, server) -> fixedRate(lab, server, Measure.BURST8_CPU, FEW),
                (lab, server) -> fixedRate(lab, server, Measure.BURST16_CPU, MANY), this::saturated,
                (lab, server) -> lab.highestRate(Measure.BURST16_RATE, Measure.BURST16_SATURATED_RATE, server,
                        "--burst", MANY, "--size", Lab.FRAME_BYTES));
    }

    private static Load.Run atFixedRate(Lab lab, Server server, double seconds, String burst)
            throws IOException, InterruptedException {
        return lab.relay(server, seconds, "--rate", Lab.RATE, "--burst", burst, "--size", Lab.FRAME_BYTES);
    }

    private static void fixedRate(Lab lab, Server server, Measure measure, String burst)
            throws IOException, InterruptedException {
        lab.costAtRate(measure, server, atFixedRate(lab, server, lab.options().seconds(), burst));
    }

    private void saturated(Lab lab, Server server) throws IOException, InterruptedException {
        Load.Run run = lab.relay(server, lab.options().seconds(), "--window", Lab.WINDOW, "--burst", MANY, "--size",
                Lab.FRAME_BYTES);
        lab.saturated(Measure.BURST16_SATURATED_RATE, run.perSecond("received"), Measure.BURST16_SATURATED_CPU, server,
                run);
    }
}
