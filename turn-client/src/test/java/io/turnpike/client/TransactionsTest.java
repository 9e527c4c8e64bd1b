package io.turnpike.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;

import io.turnpike.stun.ErrorCode;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;

/** Retransmission on the clock of an embedded channel. */
class TransactionsTest {

    private static final TransactionId ID = new TransactionId(1, 2);
    private static final Duration RTO = Duration.ofMillis(500);

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<Long> sentAtMillis = new ArrayList<>();
    private long nowMillis;

    TransactionsTest() {
        channel.freezeTime();
    }

    @Test
    void retransmitsAtTheTimesOfRfc8489() {
        CompletableFuture<StunAnswer> answer = start(transactions(false));

        advanceTo(39_499);
        assertThat(sentAtMillis).containsExactly(0L, 500L, 1500L, 3500L, 7500L, 15_500L, 31_500L);
        assertThat(answer).isNotDone();
        advanceTo(39_500);
        assertThatThrownBy(answer::join).hasCauseInstanceOf(StunTimeoutException.class);
    }

    @Test
    void sendsOnceOnAStreamAndWaitsAsLong() {
        CompletableFuture<StunAnswer> answer = start(transactions(true));

        advanceTo(39_499);
        assertThat(sentAtMillis).containsExactly(0L);
        assertThat(answer).isNotDone();
        advanceTo(39_500);
        assertThat(answer).isCompletedExceptionally();
    }

    @Test
    void stopsWhenTheAnswerComes() {
        Transactions transactions = transactions(false);
        CompletableFuture<StunAnswer> answer = start(transactions);
        advanceTo(600);

        assertThat(deliver(transactions, ID)).isTrue();
        advanceTo(60_000);
        assertThat(sentAtMillis).containsExactly(0L, 500L);
        assertThat(answer.join().isError(ErrorCode.BAD_REQUEST)).isTrue();
        assertThat(deliver(transactions, ID)).as("a duplicate answer").isFalse();
    }

    @Test
    void goesOnAfterAnAnswerThatMayNotBeBelieved() {
        Transactions transactions = transactions(false);
        CompletableFuture<StunAnswer> answer = transactions.start(ID, request(), response -> false);

        assertThat(deliver(transactions, ID)).isFalse();
        advanceTo(500);
        assertThat(sentAtMillis).hasSize(2);
        assertThat(answer).isNotDone();
    }

    @Test
    void ignoresTheAnswerToAnotherTransaction() {
        Transactions transactions = transactions(false);
        CompletableFuture<StunAnswer> answer = start(transactions);

        assertThat(deliver(transactions, new TransactionId(1, 3))).isFalse();
        assertThat(answer).isNotDone();
    }

    @Test
    void failsEverythingOnClose() {
        Transactions transactions = transactions(false);
        CompletableFuture<StunAnswer> before = start(transactions);
        transactions.close(new IllegalStateException("closed"));
        CompletableFuture<StunAnswer> after = start(transactions);

        assertThatThrownBy(before::join).isInstanceOf(CompletionException.class).hasMessageContaining("closed");
        assertThatThrownBy(after::join).isInstanceOf(CompletionException.class).hasMessageContaining("closed");
        advanceTo(60_000);
        assertThat(sentAtMillis).hasSize(1);
    }

    private Transactions transactions(boolean stream) {
        return new Transactions(channel.eventLoop(), this::sent, stream, RTO);
    }

    private void sent(ByteBuf message) {
        sentAtMillis.add(nowMillis);
        message.release();
    }

    private static CompletableFuture<StunAnswer> start(Transactions transactions) {
        return transactions.start(ID, request(), response -> true);
    }

    private void advanceTo(long millis) {
        while (nowMillis < millis) {
            nowMillis++;
            channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    private static boolean deliver(Transactions transactions, TransactionId id) {
        ByteBuf request = Unpooled.buffer();
        new StunMessageBuilder().begin(request, StunMethod.ALLOCATE, StunClass.REQUEST, id);
        StunFrame frame = new StunFrame();
        frame.wrap(request);
        ByteBuf response = Unpooled.buffer();
        new StunMessageBuilder().respondError(response, frame, ErrorCode.BAD_REQUEST);
        frame.wrap(response);
        return transactions.complete(frame, response);
    }

    private static byte[] request() {
        ByteBuf request = Unpooled.buffer();
        new StunMessageBuilder().begin(request, StunMethod.ALLOCATE, StunClass.REQUEST, ID);
        return ByteBufUtil.getBytes(request);
    }
}
