package io.turnpike.node;

import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What a test has opened; closed after it, the last first, whatever one of them throws. */
final class OpenParts implements AfterEachCallback {
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private int added;

    <P extends AutoCloseable> P add(P part) {
        parts.push(part);
        added++;
        return part;
    }

    /** How many were opened so far: a name for the next one's folder. */
    int size() {
        return added;
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        Exception failure = null;
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
