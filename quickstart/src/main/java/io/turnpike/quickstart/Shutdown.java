package io.turnpike.quickstart;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What happens on Ctrl-C or SIGTERM: the main thread is told to close everything, and the process ends when it has, or
 * after a bound that a person at a terminal accepts.
 */
final class Shutdown extends Thread {
    private static final long BOUND_SECONDS = 9;

    private final Thread starter;
    private final CountDownLatch signal = new CountDownLatch(1);
    private final CountDownLatch stopped;
    private volatile boolean serving;

    /**
     * @param starter thread that starts and closes everything
     * @param stopped opened by it when all is closed
     */
    Shutdown(Thread starter, CountDownLatch stopped) {
        super("shutdown");
        this.starter = starter;
        this.stopped = stopped;
    }

    /** Called by the starter when everything serves; returns when the process is to end. */
    void awaitSignal() throws InterruptedException {
        serving = true;
        signal.await();
    }

    @Override
    public void run() {
        signal.countDown();
        if (!serving) {
            starter.interrupt();
        }
        try {
            if (!stopped.await(BOUND_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("Not everything ended within " + BOUND_SECONDS + " s; the next start recovers it.");
                Runtime.getRuntime().halt(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
