package io.turnpike.node.transport.linux;

/** How the calls that send answer, and what an answer means. Confined to one thread. */
record Kernel(SystemCalls calls) {
    private static final int EINTR = 4;
    private static final int EIO = 5;
    private static final int EAGAIN = 11;
    private static final int EINVAL = 22;
    private static final int EMSGSIZE = 90;
    private static final int EOPNOTSUPP = 95;

    /** Messages that left, or -errno; an interrupted call is made again. */
    int send(int fd, long headers, int count) {
        int answer;
        do {
            answer = count == 1 ? one(fd, headers) : calls.sendAll(fd, headers, count);
        } while (answer == -EINTR);
        return answer;
    }

    /** An empty datagram sends no bytes, and has left. */
    private int one(int fd, long header) {
        int answer = calls.send(fd, header);
        return answer < 0 ? answer : 1;
    }

    static boolean isFull(int answer) {
        return answer == -EAGAIN;
    }

    /** Whether a burst was refused for being one, or for the size of its datagrams. */
    static boolean refusesBurst(int answer) {
        return answer == -EIO || answer == -EINVAL || answer == -EMSGSIZE || answer == -EOPNOTSUPP;
    }

    /** Newer kernels name the size of the datagrams (EMSGSIZE), older ones only the request (EINVAL). */
    static boolean isTooLong(int answer) {
        return answer == -EMSGSIZE || answer == -EINVAL;
    }
}
