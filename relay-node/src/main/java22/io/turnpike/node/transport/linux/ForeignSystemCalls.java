package io.turnpike.node.transport.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** The system calls through the JDK's foreign function interface (JEP 454). Confined to one thread. */
@SuppressWarnings("restricted") // that is what they are: the descriptors below say what the calls take
final class ForeignSystemCalls implements SystemCalls {
    private static final int MSG_DONTWAIT = 0x40;
    private static final Linker LINKER = Linker.nativeLinker();
    private static final VarHandle ERRNO = Linker.Option.captureStateLayout()
            .varHandle(PathElement.groupElement("errno"));
    private static final MethodHandle RECVMMSG = call("recvmmsg", FunctionDescriptor.of(ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
            ValueLayout.JAVA_LONG));
    private static final MethodHandle SENDMSG = call("sendmsg", FunctionDescriptor.of(ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
    private static final MethodHandle SENDMMSG = call("sendmmsg", FunctionDescriptor.of(ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private final MemorySegment state = Arena.ofAuto().allocate(Linker.Option.captureStateLayout());

    /** Opens the calls; found by name. */
    static final class Opening implements Factory {
        @Override
        public SystemCalls open() {
            return new ForeignSystemCalls();
        }
    }

    private static MethodHandle call(String name, FunctionDescriptor types) {
        return LINKER.downcallHandle(LINKER.defaultLookup().find(name).orElseThrow(), types,
                Linker.Option.captureCallState("errno"));
    }

    @Override
    public int receive(int fd, long headers, int count) {
        try {
            int received = (int) RECVMMSG.invokeExact(state, fd, headers, count, MSG_DONTWAIT, 0L);
            return received < 0 ? -errno() : received;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    @Override
    public int send(int fd, long header) {
        try {
            long sent = (long) SENDMSG.invokeExact(state, fd, header, MSG_DONTWAIT);
            return sent < 0 ? -errno() : (int) sent;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    @Override
    public int sendAll(int fd, long headers, int count) {
        try {
            int sent = (int) SENDMMSG.invokeExact(state, fd, headers, count, MSG_DONTWAIT);
            return sent < 0 ? -errno() : sent;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    private int errno() {
        return (int) ERRNO.get(state, 0L);
    }

    /** A call of these types throws nothing. */
    private static IllegalStateException impossible(Throwable e) {
        return new IllegalStateException("a system call threw", e);
    }
}
