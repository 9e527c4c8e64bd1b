package io.turnpike.node.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.Ticker;
import io.turnpike.node.transport.linux.Datagrams;
import io.turnpike.node.transport.linux.SystemCalls;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One event loop with its number: everything of an allocation happens on one of them. Writes are flushed together, once
 * for each turn of the loop, so that a burst leaves in few system calls.
 */
public final class RelayLoop implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(RelayLoop.class);

    private final int index;
    private final EventLoop eventLoop;
    private final Ticker clock;
    private final List<RelayLoop> all;
    private final Queue<Flushed> unflushed = new ArrayDeque<>();
    private final Runnable flushAll = this::flushAll;
    private final Flushed flushDatagrams = this::flushDatagrams;
    private Datagrams datagrams;
    private boolean datagramsWait;
    private final Flushed endOfTime = () -> turnHasTime = false;
    private boolean turnHasTime;
    private long turnNanos;
    private final SocketErrors errors = new SocketErrors(System::nanoTime);

    /** What is flushed at the end of a turn. */
    @FunctionalInterface
    interface Flushed {
        /** Hands what waits to the operating system. */
        void flush();
    }

    /** A loop alone. */
    RelayLoop(int index, EventLoop eventLoop) {
        this(index, eventLoop, List.of());
    }

    /**
     * One of several loops.
     *
     * @param all the node's loops, which may be added after this
     */
    RelayLoop(int index, EventLoop eventLoop, List<RelayLoop> all) {
        this.index = index;
        this.eventLoop = eventLoop;
        clock = eventLoop instanceof AbstractScheduledEventExecutor scheduled
                ? scheduled.ticker()
                : Ticker.systemTicker();
        this.all = all;
    }

    /** The loop of a number. */
    RelayLoop sibling(int ofIndex) {
        return ofIndex == index ? this : all.get(ofIndex);
    }

    /** The loop's number, from 0. */
    public int index() {
        return index;
    }

    @Override
    public void execute(Runnable command) {
        eventLoop.execute(command);
    }

    /**
     * Runs a task on this loop when its sockets have had their turn; to be called on the loop. A task that is only executed
     * anew runs again before any socket does, for up to a second.
     */
    public void nextTurn(Runnable task) {
        eventLoop.schedule(task, 0, TimeUnit.NANOSECONDS);
    }

    /** Makes buffers for code on this loop. */
    public ByteBufAllocator buffers() {
        return ByteBufAllocator.DEFAULT;
    }

    /** Runs a task on this loop again and again until the loop stops. */
    public void every(Duration period, Runnable task) {
        eventLoop.scheduleAtFixedRate(() -> runAndLog(task), period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** A failing turn is a bug; it must not stop the ones after it. */
    private void runAndLog(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.error("periodic task failed loop={}", index, e);
        }
    }

    /** The loop's monotonic clock, which its schedule follows. */
    long nanoTime() {
        return clock.nanoTime();
    }

    EventLoop eventLoop() {
        return eventLoop;
    }

    /** Where exceptions on this loop end up. */
    SocketErrors errors() {
        return errors;
    }

    boolean isCurrent() {
        return eventLoop.inEventLoop();
    }

    /** The way out through a channel for code on this loop; the channel itself may live on another one (NIO). */
    Outlet outlet(Channel channel) {
        return new Outlet(this, channel);
    }

    void flushLater(Flushed outlet) {
        if (unflushed.isEmpty()) {
            eventLoop.execute(flushAll);
        }
        unflushed.add(outlet);
    }

    private void flushAll() {
        for (Flushed outlet = unflushed.poll(); outlet != null; outlet = unflushed.poll()) {
            try {
                outlet.flush();
            } catch (RuntimeException e) {
                // A bug; what else is to be flushed must not wait for ever.
                if (errors.mayLog()) {
                    LOG.error("flush failed loop={} leftOut={}", index, errors.takeLeftOut(), e);
                }
            }
        }
    }

    /** The loop's datagrams where Linux's own calls move them; opened when first asked for. */
    Datagrams datagrams() {
        if (datagrams == null) {
            datagrams = new Datagrams(SystemCalls.find().orElseThrow().open());
        }
        return datagrams;
    }

    /** The monotonic clock as it was at the first question in this turn of the loop. */
    public long turnNanos() {
        if (!turnHasTime) {
            turnHasTime = true;
            turnNanos = System.nanoTime();
            flushLater(endOfTime);
        }
        return turnNanos;
    }

    /** The datagrams of this turn leave at its end. */
    void flushDatagramsLater() {
        if (!datagramsWait) {
            datagramsWait = true;
            flushLater(flushDatagrams);
        }
    }

    private void flushDatagrams() {
        datagramsWait = false;
        datagrams.flush();
    }
}
