package io.turnpike.benchmarks.relay;

import java.io.IOException;
import java.util.List;

/** Clients behind firewalls: TCP or TLS on their side, UDP on the peers', as fast as it goes. */
final class StreamThroughput implements Step {
    private static final String BURST = "16";
    private static final double MEGABYTE = 1e6;

    private final boolean tls;

    /** @param tls whether TLS is above TCP */
    StreamThroughput(boolean tls) {
        this.tls = tls;
    }

    @Override
    public String name() {
        return tls ? "tls" : "tcp";
    }

    @Override
    public String about() {
        return tls
                ? "clients over TLS (1.3; 1.2 beside coturn 4.6, which has no other): the same"
                : "clients over TCP, bursts of 16 and lone packets, saturated: throughput and CPU";
    }

    @Override
    public void warmUp(Lab lab, Server server) throws IOException, InterruptedException {
        bursts(lab, server, lab.options().warmUpSeconds());
        lone(lab, server, lab.options().warmUpSeconds());
    }

    @Override
    public List<Turn> turns() {
        return List.of(this::bursts, this::lone);
    }

    private void bursts(Lab lab, Server server) throws IOException, InterruptedException {
        Load.Run run = bursts(lab, server, lab.options().seconds());
        double megabytes = run.number("payloadBytes") / MEGABYTE;
        Measure rate = tls ? Measure.TLS_BURST16_RATE : Measure.TCP_BURST16_RATE;
        lab.saturated(rate, megabytes / run.seconds(), tls ? Measure.TLS_BURST16_CPU : Measure.TCP_BURST16_CPU, server,
                run);
        lab.results().add(tls ? Measure.TLS_BURST16_CPU_MB : Measure.TCP_BURST16_CPU_MB, server.name(),
                run.cpuMicros("payloadBytes") * MEGABYTE);
        noteCipher(lab, rate, server, run);
    }

    private void lone(Lab lab, Server server) throws IOException, InterruptedException {
        Load.Run run = lone(lab, server, lab.options().seconds());
        Measure rate = tls ? Measure.TLS_LONE_RATE : Measure.TCP_LONE_RATE;
        lab.saturated(rate, run.perSecond("received"), tls ? Measure.TLS_LONE_CPU : Measure.TCP_LONE_CPU, server, run);
        noteCipher(lab, rate, server, run);
    }

    private Load.Run bursts(Lab lab, Server server, double seconds) throws IOException, InterruptedException {
        return lab.relay(server, transport(lab), seconds, "--window", Lab.WINDOW, "--burst", BURST, "--size",
                Lab.FRAME_BYTES);
    }

    private Load.Run lone(Lab lab, Server server, double seconds) throws IOException, InterruptedException {
        return lab.relay(server, transport(lab), seconds, "--window", Lab.WINDOW);
    }

    /** The newest that all servers of the run have, so that they do the same work. */
    private Transport transport(Lab lab) {
        if (!tls) {
            return Transport.TCP;
        }
        return lab.options().rival() == Rival.COTURN ? Transport.TLS12 : Transport.TLS13;
    }

    private static void noteCipher(Lab lab, Measure measure, Server server, Load.Run run) {
        String cipher = run.answer().path("cipher").asText();
        if (!cipher.isEmpty()) {
            lab.note(measure, "%s speaks %s", server.name(), cipher);
        }
    }
}
