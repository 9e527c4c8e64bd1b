package io.turnpike.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RelayLoopTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final RelayLoop loop = new RelayLoop(0, channel.eventLoop());
    private final List<String> flushed = new ArrayList<>();

    @Test
    void flushesTheOthersThoughOneFailsAndGoesOnInLaterTurns() {
        for (int turn = 0; turn < 2; turn++) {
            loop.flushLater(() -> flushed.add("first"));
            loop.flushLater(() -> {
                throw new IllegalStateException("a bug");
            });
            loop.flushLater(() -> flushed.add("last"));
            channel.runPendingTasks();
        }

        assertThat(flushed).containsExactly("first", "last", "first", "last");
    }

    @Test
    void aTaskForTheNextTurnWaitsForIt() {
        loop.execute(() -> {
            loop.nextTurn(() -> flushed.add("next turn"));
            loop.execute(() -> flushed.add("this turn"));
        });
        channel.runPendingTasks();
        channel.runScheduledPendingTasks();

        assertThat(flushed).containsExactly("this turn", "next turn");
    }

    @Test
    void flushesWhatIsGivenWhileItFlushesInTheSameTurn() {
        loop.flushLater(() -> loop.flushLater(() -> flushed.add("later")));
        channel.runPendingTasks();

        assertThat(flushed).containsExactly("later");
    }
}
