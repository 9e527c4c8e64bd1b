package io.turnpike.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetector.Level;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class that left a Netty buffer unreleased, in whichever thread. Every integration test of a module that
 * uses this one gets it by itself (the service file beside it, and failsafe's settings in the root pom); a unit test asks
 * for it with {@code @ExtendWith}.
 */
public final class NoLeaks implements BeforeAllCallback, AfterAllCallback {
    private static final int COLLECTIONS = 4;
    private static final int BUFFERS = 64;

    @Override
    public void beforeAll(ExtensionContext context) {
        if (isNested(context)) {
            return;
        }
        assertThat(ResourceLeakDetector.getLevel()).as("leak detection").isEqualTo(Level.PARANOID);
        assertThat(System.getProperty("io.netty.customResourceLeakDetector"))
                .as("the detector that this check reads").isEqualTo(RecordingLeakDetector.class.getName());
        RecordingLeakDetector.forget();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (!isNested(context)) {
            assertThat(found()).as("buffers that %s leaked", context.getDisplayName()).isEmpty();
        }
    }

    private static boolean isNested(ExtensionContext context) {
        return context.getParent().flatMap(ExtensionContext::getTestClass).isPresent();
    }

    /** The detector learns of a lost buffer from the garbage collector, and looks when the next buffers are made. */
    static List<String> found() {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            touch(PooledByteBufAllocator.DEFAULT);
            touch(ByteBufAllocator.DEFAULT);
        }
        return RecordingLeakDetector.leaks();
    }

    private static void touch(ByteBufAllocator allocator) {
        for (int i = 0; i < BUFFERS; i++) {
            ByteBuf direct = allocator.directBuffer(16);
            direct.release();
            ByteBuf heap = allocator.heapBuffer(16);
            heap.release();
        }
    }
}
