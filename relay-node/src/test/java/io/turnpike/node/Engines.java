package io.turnpike.node;

import io.turnpike.node.transport.SocketEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The socket engines that work here: what holds over one of them must hold over each. {@code -Dturnpike.engines=linux,epoll}
 * names those that are wanted, which must work then.
 */
public final class Engines {
    private static final String WANTED = System.getProperty("turnpike.engines");
    private static final List<String> WORKING = WANTED == null ? find() : chosen(WANTED);

    private Engines() {}

    /** Their names in the configuration. */
    public static Stream<String> all() {
        return WORKING.stream();
    }

    /** Whether Linux's own calls are among them. */
    public static boolean haveLinux() {
        return WORKING.contains(SocketEngine.LINUX.label());
    }

    private static List<String> chosen(String labels) {
        return Stream.of(labels.split(",")).map(label -> SocketEngine.choose(label).label()).toList();
    }

    private static List<String> find() {
        List<String> working = new ArrayList<>();
        for (SocketEngine engine : SocketEngine.values()) {
            try {
                working.add(SocketEngine.choose(engine.label()).label());
            } catch (IllegalArgumentException e) {
                System.out.println("SKIPPED the engine " + engine.label() + ": " + e.getMessage());
            }
        }
        return List.copyOf(working);
    }
}
