package io.turnpike.node.transport;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.ServerSocket;

/**
 * Tells whether a port is free before it is bound with SO_REUSEPORT: with that option, a second relay of the same user
 * would bind it too and silently take half of the clients.
 */
final class PortProbe {
    private PortProbe() {}

    static void requireFree(ListenerAddress listener) {
        if (listener.address().getPort() == 0) {
            return;
        }
        try {
            if (listener.transport().isDatagram()) {
                try (DatagramSocket socket = new DatagramSocket(null)) {
                    socket.bind(listener.address());
                }
            } else {
                try (ServerSocket socket = new ServerSocket()) {
                    socket.setReuseAddress(true);
                    socket.bind(listener.address());
                }
            }
        } catch (IOException e) {
            throw new ListenerBindException(listener, e);
        }
    }
}
