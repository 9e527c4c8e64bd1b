package io.turnpike.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;

/** Netty's leak detector that remembers, named in the module's pom; its extension fails a test class that leaked. */
public final class LeakRecorder<T> extends ResourceLeakDetector<T> {

    private static final List<String> LEAKS = new CopyOnWriteArrayList<>();

    public LeakRecorder(Class<?> resourceType, int samplingInterval) {
        super(resourceType, samplingInterval);
    }

    public LeakRecorder(Class<?> resourceType, int samplingInterval, long maxActive) {
        super(resourceType, samplingInterval);
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

    /** Fails the class after its last test. */
    static final class NoLeaks implements AfterAllCallback {

        private static final int COLLECTIONS = 4;

        @Override
        public void afterAll(ExtensionContext context) {
            assertThat(System.getProperty("io.netty.customResourceLeakDetector"))
                    .isEqualTo(LeakRecorder.class.getName());
            for (int i = 0; i < COLLECTIONS; i++) {
                System.gc();
                ByteBufAllocator.DEFAULT.buffer().release(); // the detector looks when a buffer is made
            }
            assertThat(LEAKS).isEmpty();
        }
    }
}
