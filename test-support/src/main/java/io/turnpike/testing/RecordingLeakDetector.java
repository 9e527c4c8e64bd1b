package io.turnpike.testing;

import io.netty.util.ResourceLeakDetector;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Netty's leak detector that remembers what it found, so that a test can fail on it. Netty is told about it with the
 * system property {@code io.netty.customResourceLeakDetector} (the root pom), since detectors are made when buffers are
 * first used.
 */
public final class RecordingLeakDetector<T> extends ResourceLeakDetector<T> {
    private static final List<String> LEAKS = new CopyOnWriteArrayList<>();

    /** Called by Netty. */
    public RecordingLeakDetector(Class<?> resourceType, int samplingInterval) {
        super(resourceType, samplingInterval);
    }

    /** Called by Netty, where it still names the old bound of active resources. */
    public RecordingLeakDetector(Class<?> resourceType, int samplingInterval, long maxActive) {
        super(resourceType, samplingInterval);
    }

    /** The leaks so far in this process, each with the places that touched the buffer. */
    static List<String> leaks() {
        return List.copyOf(LEAKS);
    }

    /** Forgets them: what one class leaked is not told of the next. */
    static void forget() {
        LEAKS.clear();
    }

    @Override
    protected boolean needReport() {
        return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
        LEAKS.add(resourceType + " was not released:" + records);
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
        LEAKS.add(resourceType + " was not released");
    }
}
