package io.turnpike.ctl;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The body of an answer whose server may not fall silent: a request's own time-out ends with the head of the answer. */
final class SteadyBody extends FilterInputStream {

    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private final Duration silence;
    private volatile boolean wasSilent;

    /**
     * @param silence
     *            after which a read fails with {@link HttpTimeoutException}
     */
    SteadyBody(InputStream body, Duration silence) {
        super(body);
        this.silence = silence;
    }

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "silence");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Future<?> end = TIMER.schedule(this::giveUp, silence.toNanos(), TimeUnit.NANOSECONDS);
        try {
            return in.read(bytes, offset, length);
        } catch (IOException e) {
            throw wasSilent ? new HttpTimeoutException("nothing came for " + silence.toSeconds() + " s") : e;
        } finally {
            end.cancel(false);
        }
    }

    /** A read that waits fails when its stream is closed. */
    private void giveUp() {
        wasSilent = true;
        try {
            in.close();
        } catch (IOException e) {
            // the read that waits tells what happened
        }
    }
}
