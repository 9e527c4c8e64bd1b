package io.turnpike.benchmarks.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.turnpike.testing.ForeignTools;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the load generator makes of servers that do well, and of servers that do not. */
@Timeout(120)
class LoadTest {
    private static Load load;

    @BeforeAll
    static void build() throws InterruptedException {
        assumeTrue(Cores.areEnough(), "the generator has a core of its own, and this machine has one");
        try {
            load = Load.build(Path.of("..").toAbsolutePath().normalize());
        } catch (IOException e) {
            ForeignTools.require("the load generator", "gcc, libc6-dev or libssl-dev", false);
        }
    }

    @Test
    void countsWhatComesBack() throws Exception {
        Load.Run run = relay(FakeTurnServer.Fault.NONE, "--rate", "1000");

        assertThat(run.number("received")).isPositive();
        assertThat(run.number("wrong")).isZero();
        assertThat(run.number("payloadBytes")).isEqualTo(172 * run.number("received"));
        assertThat(run.number("p50Micros")).isPositive().isLessThanOrEqualTo(run.number("p999Micros"));
    }

    @Test
    void keepsSendingThroughAWindowOfWhichSomeIsLost() throws Exception {
        Load.Run run = relay(FakeTurnServer.Fault.LOSES_EVERY_THIRD, "--window", "8");

        assertThat(run.loss()).isPositive();
        assertThat(run.number("received")).as("a lost packet gives its place in the window free").isGreaterThan(8);
    }

    @Test
    void noticesWhatCameBackChanged() {
        assertThatIOException().isThrownBy(() -> relay(FakeTurnServer.Fault.CHANGES_A_BYTE, "--window", "8"))
                .withMessageContaining("came back changed");
    }

    @Test
    void saysWhatTheServerRefuses() {
        assertThatIOException().isThrownBy(() -> relay(FakeTurnServer.Fault.REFUSES, "--rate", "1000"))
                .withMessageContaining("refuses").withMessageContaining("486");
    }

    @Test
    void endsWhereNobodyAnswers() {
        assertThatIOException().isThrownBy(() -> relay(FakeTurnServer.Fault.SILENT, "--rate", "1000"))
                .withMessageContaining("-1");
    }

    @Test
    void countsCycles() throws Exception {
        try (FakeTurnServer fake = new FakeTurnServer(FakeTurnServer.Fault.NONE)) {
            Load.Run run = load.run(fake.server(), Transport.UDP, "cycle", List.of("--seconds", "0.3"));

            assertThat(run.number("cycles")).isPositive();
            assertThat(run.number("failed")).isZero();
        }
    }

    @Test
    void holdsAllocationsUntilTold() throws Exception {
        try (FakeTurnServer fake = new FakeTurnServer(FakeTurnServer.Fault.NONE)) {
            Load.Held held = load.hold(fake.server(), 5);
            assertThat(held.process().isAlive()).isTrue();

            held.close();

            assertThat(held.process().isAlive()).isFalse();
        }
    }

    private static Load.Run relay(FakeTurnServer.Fault fault, String... rate) throws Exception {
        try (FakeTurnServer fake = new FakeTurnServer(fault)) {
            return load.run(fake.server(), Transport.UDP, "relay",
                    List.of("--seconds", "0.5", "--warmup", "0.1", rate[0], rate[1]));
        }
    }
}
