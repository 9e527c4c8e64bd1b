package io.turnpike.benchmarks.quota;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.turnpike.benchmarks.Arguments;
import io.turnpike.benchmarks.ClusterApi;
import io.turnpike.quickstart.Loopback;
import io.turnpike.quickstart.Ports;
import io.turnpike.quickstart.Quickstart;
import io.turnpike.quickstart.QuickstartOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * {@code ./turnpike bench quota}: how fast and how exactly a cluster follows its quotas. A real broker, telemetry and
 * relays in this process, and real traffic of tenants that use up what they have over all relays at the same time.
 */
public final class QuotaBench {
    private static final int WORKERS = 16;
    private static final String HELP = """
            Usage: ./turnpike bench quota [options]

              --relays N,...     sizes of the clusters, 1 to 8 each; 1,2,4 unless told otherwise
              --tenants N,...    tenants that use each cluster at the same time, 1 to 100; 1,10,100
              --load WHAT        what the cluster does beside: none, calls (of a tenant without a quota: %d calls with
                                 %,d packets a second, of which %d a second end and begin), or both in turn; both
              --rounds N         rounds of every combination; 3
              --mebibytes N      hard quotas of all tenants of a round together; 64
              --quick            2 relays, 2 tenants, one short round: whether it works
              --json FILE        all samples for machines

            Everything runs in one process on loopback addresses. Ends with 1 if a relay forwards a byte beyond a quota.
            """.formatted(QuotaLoad.CALLS, QuotaLoad.PACKETS_PER_SECOND, QuotaLoad.CHANGES_PER_SECOND);

    private final QuotaOptions options;
    private final QuotaFigures figures = new QuotaFigures();
    private final PrintStream out;

    private QuotaBench(QuotaOptions options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    /** Runs the benchmark; answers the exit code. */
    public static int main(String... arguments) throws IOException, InterruptedException {
        return Arguments.run(HELP, QuotaOptions::parse, options -> new QuotaBench(options, System.out).run(),
                arguments);
    }

    private int run() throws IOException, InterruptedException {
        Path work = Files.createTempDirectory("turnpike-bench");
        try {
            for (int relays : options.relays()) {
                measure(relays, work.resolve("relays-" + relays));
            }
            return 0;
        } catch (IOException e) {
            System.err.println("bench quota: " + e.getMessage());
            return 1;
        } finally {
            report();
            System.out.println("Data is in " + work);
        }
    }

    private void report() throws IOException {
        out.println();
        figures.print(out);
        if (options.json().isPresent()) {
            figures.write(options.json().get());
        }
    }

    private void measure(int relays, Path data) throws IOException, InterruptedException {
        Ports ports = new Ports(Loopback.freePort(), Loopback.freePort(), Loopback.freePort(), Loopback.freePort(),
                Loopback.freePort());
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
        try (Quickstart cluster = Quickstart.start(new QuickstartOptions(relays, data, false, ports), line -> {})) {
            ClusterApi api = new ClusterApi(cluster.api());
            GrantWaits waits = GrantWaits.of(IntStream.rangeClosed(1, relays).mapToObj(ports::admin).toList());
            List<InetSocketAddress> addresses = IntStream.rangeClosed(1, relays)
                    .mapToObj(relay -> new InetSocketAddress("127.0.0.1", ports.relay(relay))).toList();
            for (boolean loaded : options.loads()) {
                if (loaded) {
                    try (QuotaLoad load = QuotaLoad.start(api, addresses, loops)) {
                        measure(api, waits, addresses, loops, workers, true);
                        load.check();
                    }
                } else {
                    measure(api, waits, addresses, loops, workers, false);
                }
            }
        } finally {
            workers.shutdownNow();
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    private void measure(ClusterApi api, GrantWaits waits, List<InetSocketAddress> relays, EventLoopGroup loops,
            ExecutorService workers, boolean loaded) throws IOException, InterruptedException {
        for (int round = 1; round <= options.rounds(); round++) {
            for (int tenants : options.tenants()) {
                String label = relays.size() + (relays.size() == 1 ? " relay, " : " relays, ") + tenants
                        + (tenants == 1 ? " tenant" : " tenants") + (loaded ? ", loaded" : "");
                out.println(label + ", round " + round + " of " + options.rounds());
                GrantWaits.Counts before = waits.read();
                new QuotaRound(api, relays, loops, workers, figures, label, options.volumeBytes() / tenants)
                        .run(ids(loaded ? "busy" : "idle", round, tenants));
                waits.read().since(before).add(figures, label);
            }
        }
    }

    /** Names that no other round has: each begins with an unused quota. */
    private static List<String> ids(String beside, int round, int tenants) {
        return IntStream.rangeClosed(1, tenants)
                .mapToObj(index -> beside + '-' + tenants + '-' + round + '-' + index).toList();
    }
}
