package io.turnpike.node;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Netty's leak detector that remembers what it found, so that a test can fail on it. Netty learns of it by the system
 * property {@code io.netty.customResourceLeakDetector} (this module's pom).
 */
public final class NettyLeaks<T> extends ResourceLeakDetector<T> {
    private static final int COLLECTIONS = 4;
    private static final int BUFFERS = 64;
    private static final List<String> FOUND = new CopyOnWriteArrayList<>();

    /** Called by Netty. */
    public NettyLeaks(Class<?> resourceType, int samplingInterval) {
        super(resourceType, samplingInterval);
    }

    /** Called by Netty, where it still names the old bound of active resources. */
    public NettyLeaks(Class<?> resourceType, int samplingInterval, long maxActive) {
        super(resourceType, samplingInterval);
    }

    /** What leaked so far: the detector hears of a lost buffer from the collector, and looks when buffers are made. */
    static List<String> found() {
        for (int collection = 0; collection < COLLECTIONS; collection++) {
            System.gc();
            for (int i = 0; i < BUFFERS; i++) {
                ByteBufAllocator.DEFAULT.directBuffer(16).release();
            }
        }
        return List.copyOf(FOUND);
    }

    /** Whether this detector is at work, and looks at every buffer. */
    static boolean isWatching() {
        return ResourceLeakDetector.getLevel() == Level.PARANOID
                && NettyLeaks.class.getName().equals(System.getProperty("io.netty.customResourceLeakDetector"));
    }

    @Override
    protected boolean needReport() {
        return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
        FOUND.add(resourceType + records);
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
        FOUND.add(resourceType);
    }
}
