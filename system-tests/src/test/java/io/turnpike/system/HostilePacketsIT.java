package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.client.ClientTransport;
import io.turnpike.system.StandaloneRelay.Weight;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Millions of seeded hostile datagrams: the relay stays up, stays small, counts them, and serves its clients meanwhile. */
class HostilePacketsIT {
    private static final int DATAGRAMS = Integer.getInteger("turnpike.mutations", 1_000_000);
    /** Each socket's datagrams are served by one event loop, and each is in a network of its own. */
    private static final int SOCKETS = 4;
    /** What fits a socket buffer, so that an honest client's datagrams find room in it too. */
    private static final int BATCH = 32;
    /** How often honest clients call during the flood. */
    private static final int ROUNDS = 10;
    private static final int LONGEST_NOISE = 600;
    private static final long MOST_GROWTH_BYTES = 64L * 1024 * 1024;
    private static final List<String> REASONS = List.of("unknown_protocol", "malformed_stun", "unexpected_method",
            "unexpected_response", "no_allocation", "answer_budget");

    @TempDir
    private Path dataDir;

    @Test
    void survivesHostileDatagramsInFlatMemoryAndServesHonestClientsMeanwhile() throws Exception {
        // A small budget for each network, so that the flood is over it on the slowest machine.
        try (StandaloneRelay relay = StandaloneRelay.start(dataDir,
                "answers { challenges-per-prefix = 100, bindings-per-prefix = 1000 }")) {
            List<Flood> floods = new ArrayList<>();
            for (int i = 0; i < SOCKETS; i++) {
                floods.add(new Flood(relay, "127.1." + i + ".1", 4_711 + i));
            }
            try {
                flood(floods, DATAGRAMS / ROUNDS / SOCKETS, relay);
                Weight early = StandaloneRelay.weigh();
                for (int round = 1; round < ROUNDS; round++) {
                    flood(floods, DATAGRAMS / ROUNDS / SOCKETS, relay);
                }
                Weight late = StandaloneRelay.weigh();

                assertThat(late.heapBytes() - early.heapBytes()).as("heap").isLessThan(MOST_GROWTH_BYTES);
                assertThat(late.directBytes() - early.directBytes()).as("direct memory").isLessThan(MOST_GROWTH_BYTES);
            } finally {
                floods.forEach(Flood::close);
            }
            for (String reason : REASONS) {
                assertThat(relay.dropped(reason)).as(reason).isPositive();
            }
            assertThat(relay.allocations()).isZero();
            relay.relay(ClientTransport.UDP, 100);
        }
    }

    /** All sockets at once, with a call over each transport in their midst. */
    private static void flood(List<Flood> floods, int datagrams, StandaloneRelay relay) throws Exception {
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        for (Flood flood : floods) {
            Thread thread = new Thread(() -> {
                try {
                    flood.send(datagrams);
                } catch (IOException | RuntimeException | AssertionError e) {
                    failures.add(e);
                }
            });
            thread.start();
            threads.add(thread);
        }
        relay.relay(ClientTransport.UDP, 50);
        relay.relay(ClientTransport.TCP, 50);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
    }

    /** One source: damaged messages, and noise behind first bytes of every protocol. */
    private static final class Flood implements AutoCloseable {
        private final HostileSocket socket;
        private final Mutations mutations;
        private final SplittableRandom random;

        Flood(StandaloneRelay relay, String source, long seed) throws IOException {
            socket = new HostileSocket(source, relay.listener("udp"));
            mutations = new Mutations(seed);
            random = new SplittableRandom(seed);
        }

        void send(int datagrams) throws IOException {
            for (int sent = 0; sent < datagrams; sent += BATCH) {
                for (int i = 0; i < BATCH; i++) {
                    socket.send(random.nextInt(4) == 0 ? noise() : mutations.next());
                }
                socket.awaitRead();
            }
        }

        private byte[] noise() {
            byte[] noise = new byte[random.nextInt(LONGEST_NOISE)];
            random.nextBytes(noise);
            return noise;
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
