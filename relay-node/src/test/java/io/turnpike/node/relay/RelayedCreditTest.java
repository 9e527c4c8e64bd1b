package io.turnpike.node.relay;

import static io.turnpike.node.relay.RelayBench.HELLO;
import static io.turnpike.node.relay.RelayBench.PEER;
import static io.turnpike.node.relay.RelayBench.socket;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.turnpike.node.event.AllocationEnded;
import io.turnpike.node.event.EndReason;
import io.turnpike.node.quota.OnControlLoss;
import io.turnpike.node.quota.PeriodKind;
import io.turnpike.node.quota.QuotaMode;
import io.turnpike.node.quota.QuotaPolicy;
import io.turnpike.node.turn.OneLoop;
import io.turnpike.node.turn.TestClient;
import io.turnpike.node.usage.DropReason;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Relayed data under a hard quota: what is debited, when it stops, and when it goes on. */
class RelayedCreditTest {
    @Test
    void stopsInSilenceWhenTheCreditIsSpentAndGoesOnWhenItIsRaised() {
        OneLoop hard = new OneLoop(volume(30), 50_000, 50_099);
        TestClient client = granted(hard, hard.client("al"), 30);
        client.bind(0x4001, PEER);

        client.sendChannelData(0x4001, HELLO);
        client.sendChannelData(0x4001, HELLO);
        socket(hard).receive(PEER, HELLO);
        socket(hard).receive(PEER, HELLO);

        assertThat(hard.sockets.sent()).hasSize(2);
        assertThat(client.leg().data()).hasSize(1);
        assertThat(hard.dropped(DropReason.QUOTA_EXHAUSTED)).isOne();
        assertThat(client.allocation().usage().relayToClient().wireBytes()
                + client.allocation().usage().clientToRelay().wireBytes()).isEqualTo(27);

        hard.grant(2, 60);
        socket(hard).receive(PEER, HELLO);
        assertThat(client.leg().data()).hasSize(2);
    }

    @Test
    void doesNotReadAStreamForAMomentThatOutrunsItsCredit() {
        OneLoop hard = new OneLoop(volume(30), 50_000, 50_099);
        TestClient client = granted(hard, hard.streamClient("al"), 30);
        client.bind(0x4001, PEER);
        for (int i = 0; i < 4; i++) {
            client.sendChannelData(0x4001, HELLO);
        }

        assertThat(hard.sockets.sent()).hasSize(2);
        assertThat(client.leg().isPaused()).isTrue();
        hard.pass(Duration.ofMillis(400));
        assertThat(client.leg().isPaused()).isFalse();
        client.sendChannelData(0x4001, HELLO);
        assertThat(client.leg().isPaused()).isTrue();
        hard.allocations.end(client.allocation(), EndReason.CLIENT_RELEASED);
        assertThat(client.leg().isPaused()).as("it may allocate again on the connection").isFalse();
    }

    @Test
    void endsForTheQuotaAfterALongSilence() {
        OneLoop hard = new OneLoop(volume(30), ConfigFactory.parseString("quota.end-after = 30s"));
        TestClient client = granted(hard, hard.client("al"), 30);
        client.bind(0x4001, PEER);
        for (int i = 0; i < 4; i++) {
            client.sendChannelData(0x4001, HELLO);
        }
        hard.grant(2, 30, true);
        passWithReports(hard, Duration.ofSeconds(25));
        assertThat(hard.events(AllocationEnded.class)).isEmpty();
        passWithReports(hard, Duration.ofSeconds(20));
        assertThat(hard.events(AllocationEnded.class)).hasSize(1).first()
                .satisfies(end -> assertThat(end.reason()).isEqualTo(EndReason.QUOTA));
        assertThat(client.allocation()).isNull();
    }

    @Test
    void givesCreditBackWhenTheSocketRefuses() {
        OneLoop hard = new OneLoop(volume(9), 50_000, 50_099);
        TestClient client = granted(hard, hard.client("al"), 9);
        client.bind(0x4001, PEER);
        client.leg().refuse(DropReason.CLIENT_QUEUE_FULL);
        for (int i = 0; i < 5; i++) {
            socket(hard).receive(PEER, HELLO);
        }

        assertThat(hard.dropped(DropReason.CLIENT_QUEUE_FULL)).isEqualTo(5);
        client.sendChannelData(0x4001, HELLO);
        assertThat(hard.sockets.sent()).hasSize(1);
        client.sendChannelData(0x4001, HELLO);
        assertThat(hard.dropped(DropReason.QUOTA_EXHAUSTED)).isOne();
    }

    /** The client, with an allocation that got its first credit. */
    private static TestClient granted(OneLoop hard, TestClient client, long bytes) {
        client.allocate();
        hard.grant(1, bytes);
        client.leg().nextControl();
        return client;
    }

    private static void passWithReports(OneLoop loop, Duration time) {
        for (long second = 0; second < time.toSeconds(); second++) {
            loop.pass(Duration.ofSeconds(1));
            loop.quota.runDue();
        }
    }

    private static QuotaPolicy volume(long bytes) {
        return new QuotaPolicy(0, QuotaMode.HARD, PeriodKind.MONTH, ZoneOffset.UTC, OptionalLong.of(bytes),
                OnControlLoss.STOP);
    }
}
