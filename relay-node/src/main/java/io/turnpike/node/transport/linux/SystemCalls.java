package io.turnpike.node.transport.linux;

import java.util.Optional;

/**
 * The four system calls of the data path, on raw memory. All are asked not to wait, and all answer a negative errno
 * where the call failed. Confined to one thread.
 */
public interface SystemCalls {
    /** recvmmsg(2): fills up to {@code count} mmsghdr structures; answers how many, or -errno. */
    int receive(int fd, long headers, int count);

    /** sendmsg(2) of one msghdr; answers bytes, or -errno. */
    int send(int fd, long header);

    /** sendmmsg(2): sends up to {@code count} mmsghdr structures; answers how many left, 1 or more, or -errno. */
    int sendAll(int fd, long headers, int count);

    /** Makes calls for one thread each. */
    @FunctionalInterface
    interface Factory {
        /** Calls for one thread. */
        SystemCalls open();
    }

    /**
     * The calls by the JDK's foreign functions; empty before JDK 22, or where this build left them out.
     *
     * @throws IllegalStateException if they are there and cannot be used: a bug
     */
    static Optional<Factory> find() {
        try {
            return Optional.of((Factory) Class.forName("io.turnpike.node.transport.linux.ForeignSystemCalls$Opening")
                    .getDeclaredConstructor().newInstance());
        } catch (ClassNotFoundException | UnsupportedClassVersionError e) {
            return Optional.empty();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the foreign system calls cannot be made", e);
        }
    }
}
