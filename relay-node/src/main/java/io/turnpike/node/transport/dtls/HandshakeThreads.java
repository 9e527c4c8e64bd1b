package io.turnpike.node.transport.dtls;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.turnpike.node.transport.NetworkCap;
import java.net.InetAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Where handshakes wait for their clients: a thread for each, because the library blocks, so few of them, and fewer of one
 * network. Only some compute at a time, so that a crowd of clients does not take the processors from the event loops.
 * Thread-safe.
 */
final class HandshakeThreads implements AutoCloseable {
    private static final long IDLE_SECONDS = 10;

    private final ThreadPoolExecutor threads;
    private final Semaphore processors;
    private final NetworkCap inProgress;

    /**
     * @param name prefix of the thread names
     * @param most handshakes at a time
     * @param mostOfNetwork handshakes of one client network at a time
     * @param computing handshakes that may use a processor at a time
     */
    HandshakeThreads(String name, int most, int mostOfNetwork, int computing) {
        threads = new ThreadPoolExecutor(0, most, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(),
                new DefaultThreadFactory(name, true));
        processors = new Semaphore(computing);
        inProgress = new NetworkCap(most, mostOfNetwork);
    }

    /** Starts a handshake with this client, unless there are too many. */
    boolean start(InetAddress client, Runnable handshake) {
        if (!inProgress.admit(client)) {
            return false;
        }
        try {
            threads.execute(() -> run(client, handshake));
            return true;
        } catch (RejectedExecutionException e) {
            inProgress.leave(client);
            return false;
        }
    }

    /** Handshakes in progress. */
    int size() {
        return inProgress.size();
    }

    private void run(InetAddress client, Runnable handshake) {
        try {
            resume();
            try {
                handshake.run();
            } finally {
                pause();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            inProgress.leave(client);
        }
    }

    /** A handshake begins to wait for its client. */
    void pause() {
        processors.release();
    }

    /** A handshake goes on computing. */
    void resume() throws InterruptedException {
        processors.acquire();
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
