package io.turnpike.node.transport;

/** A listener cannot be opened: the message names its configuration key, its address and the cause. */
public final class ListenerBindException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ListenerBindException(ListenerAddress listener, Throwable cause) {
        super(listener.key() + ": cannot listen on " + listener.transport().label() + " "
                + listener.address().getAddress().getHostAddress() + ":" + listener.address().getPort() + " ("
                + cause.getMessage() + "); is another program, or another relay, using the port?", cause);
    }
}
