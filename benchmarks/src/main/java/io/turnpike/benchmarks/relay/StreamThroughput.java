package io.turnpike.benchmarks.relay;

import java.io.IOException;
import java.util.List;

/** Clients behind firewalls: TCP or TLS on their side, UDP on the peers', as fast as it goes. */
final class StreamThroughput implements Step {
    private static final String BURST = "16";
    private static final double MEGABYTE = 1e6;

    private final Transport transport;

    StreamThroughput(Transport transport) {
        this.transport = transport;
    }

    @Override
    public String name() {
        return transport.option();
    }

    @Override
    public String about() {
        return transport == Transport.TCP
                ? "clients over TCP, bursts of 16 and lone packets, saturated: throughput and CPU"
                : "clients over TLS 1.3: the same";
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
        boolean tls = transport == Transport.TLS;
        Measure rate = tls ? Measure.TLS_BURST16_RATE : Measure.TCP_BURST16_RATE;
        lab.saturated(rate, megabytes / run.seconds(), tls ? Measure.TLS_BURST16_CPU : Measure.TCP_BURST16_CPU, server,
                run);
        lab.results().add(tls ? Measure.TLS_BURST16_CPU_MB : Measure.TCP_BURST16_CPU_MB, server.name(),
                run.serverCpuNanos() / 1e3 / Math.max(megabytes, 1 / MEGABYTE));
        noteCipher(lab, rate, server, run);
    }

    private void lone(Lab lab, Server server) throws IOException, InterruptedException {
        Load.Run run = lone(lab, server, lab.options().seconds());
        boolean tls = transport == Transport.TLS;
        Measure rate = tls ? Measure.TLS_LONE_RATE : Measure.TCP_LONE_RATE;
        lab.saturated(rate, run.perSecond("received"), tls ? Measure.TLS_LONE_CPU : Measure.TCP_LONE_CPU, server, run);
        noteCipher(lab, rate, server, run);
    }

    private Load.Run bursts(Lab lab, Server server, double seconds) throws IOException, InterruptedException {
        return lab.relay(server, transport, seconds, "--window", Lab.WINDOW, "--burst", BURST, "--size",
                Lab.FRAME_BYTES);
    }

    private Load.Run lone(Lab lab, Server server, double seconds) throws IOException, InterruptedException {
        return lab.relay(server, transport, seconds, "--window", Lab.WINDOW);
    }

    private static void noteCipher(Lab lab, Measure measure, Server server, Load.Run run) {
        String cipher = run.answer().path("cipher").asText();
        if (!cipher.isEmpty()) {
            lab.note(measure, "%s speaks %s", server.name(), cipher);
        }
    }
}
