package io.turnpike.telemetry.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.events.v1.ShareReport;
import io.turnpike.events.v1.TenantNodeUsage;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.junit.jupiter.api.Test;

class EarlyCommitTest {
    private final MockProcessorContext<Void, Void> context = new MockProcessorContext<>();
    private long nanos = Long.MAX_VALUE - 10;
    private final EarlyCommit early = new EarlyCommit(() -> nanos);

    @Test
    void asksForACommitAtOnceAndThenNotBeforeThePauseIsOver() {
        assertThat(commits()).isTrue();
        nanos += EarlyCommit.PAUSE_NANOS - 1; // over the end of the clock's range
        assertThat(commits()).isFalse();
        nanos++;
        assertThat(commits()).isTrue();
    }

    @Test
    void countsThePauseForEachStreamThread() {
        assertThat(commits()).isTrue();
        assertThat(CompletableFuture.supplyAsync(this::commits).join()).isTrue();
    }

    @Test
    void isForQuestionsForCredit() {
        assertThat(EarlyCommit.isWaitedFor(asking(16_384))).isTrue();
        assertThat(EarlyCommit.isWaitedFor(asking(0))).isFalse();
    }

    @Test
    void isForAllocateRequestsThatWaitForASlot() {
        assertThat(EarlyCommit.isWaitedFor(sharing(0))).isFalse();
        assertThat(EarlyCommit.isWaitedFor(sharing(1))).isTrue();
    }

    private boolean commits() {
        context.resetCommit();
        early.somebodyWaits(context);
        return context.committed();
    }

    private static TenantNodeUsage asking(long want) {
        return LedgerDriver.report(1, 1, "2026-11", 1, 5_000, 4_000, want);
    }

    private static TenantNodeUsage sharing(int slotsWanted) {
        TenantNodeUsage usage = asking(0);
        usage.setShare(ShareReport.newBuilder().setShareSeq(1).setRateBitsPerSecond(0).setDemandBitsPerSecond(0)
                .setSlots(0).setSlotsUsed(0).setSlotsWanted(slotsWanted).setUsers(List.of()).build());
        return usage;
    }
}
