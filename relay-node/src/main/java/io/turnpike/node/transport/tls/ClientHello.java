package io.turnpike.node.transport.tls;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a client asks for before anything is decided (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2).
 *
 * @param serverName host name that it wants (RFC 6066 section 3)
 * @param protocols application protocols that it speaks (RFC 7301 section 3.1); empty if it names none
 */
public record ClientHello(Optional<String> serverName, List<String> protocols) {
    private static final ClientHello NOTHING = new ClientHello(Optional.empty(), List.of());
    private static final int VERSION_AND_RANDOM_BYTES = 2 + 32;
    private static final int SERVER_NAME = 0;
    private static final int APPLICATION_PROTOCOLS = 16;
    private static final int HOST_NAME = 0;
    private static final int MOST_HOST_NAME_BYTES = 253;

    /** Keeps the list from changing. */
    public ClientHello {
        protocols = List.copyOf(protocols);
    }

    /**
     * Reads a ClientHello from behind its handshake header. Of bytes that are none, it tells what it could read: the TLS
     * library refuses them afterwards. Never throws; moves the reader index.
     */
    static ClientHello read(ByteBuf hello) {
        if (!skip(hello, VERSION_AND_RANDOM_BYTES) || !skipVector(hello, 1) || !skipVector(hello, 2)
                || !skipVector(hello, 1)) {
            return NOTHING;
        }
        ByteBuf extensions = vector(hello, 2);
        Optional<String> serverName = Optional.empty();
        List<String> protocols = List.of();
        while (extensions.readableBytes() >= 4) {
            int type = extensions.readUnsignedShort();
            ByteBuf extension = vector(extensions, 2);
            if (type == SERVER_NAME) {
                serverName = hostName(extension);
            } else if (type == APPLICATION_PROTOCOLS) {
                protocols = names(vector(extension, 2));
            }
        }
        return new ClientHello(serverName, protocols);
    }

    private static Optional<String> hostName(ByteBuf extension) {
        ByteBuf list = vector(extension, 2);
        while (list.readableBytes() >= 3) {
            int type = list.readUnsignedByte();
            ByteBuf name = vector(list, 2);
            if (type == HOST_NAME && name.isReadable() && name.readableBytes() <= MOST_HOST_NAME_BYTES) {
                return Optional.of(name.toString(StandardCharsets.US_ASCII));
            }
        }
        return Optional.empty();
    }

    private static List<String> names(ByteBuf list) {
        List<String> names = new ArrayList<>();
        while (list.isReadable()) {
            names.add(vector(list, 1).toString(StandardCharsets.US_ASCII));
        }
        return names;
    }

    /** The content behind a length of so many bytes; what is there, if that is less. */
    private static ByteBuf vector(ByteBuf from, int lengthBytes) {
        if (from.readableBytes() < lengthBytes) {
            return from.readSlice(from.readableBytes()).slice(0, 0);
        }
        int length = lengthBytes == 1 ? from.readUnsignedByte() : from.readUnsignedShort();
        return from.readSlice(Math.min(length, from.readableBytes()));
    }

    private static boolean skipVector(ByteBuf from, int lengthBytes) {
        vector(from, lengthBytes);
        return from.isReadable();
    }

    private static boolean skip(ByteBuf from, int bytes) {
        from.skipBytes(Math.min(bytes, from.readableBytes()));
        return from.isReadable();
    }

    /**
     * Whether TURN may be spoken with this client: it names no protocol at all, or one of RFC 7443. With only foreign
     * ones, RFC 7301 section 3.2 asks for a fatal alert.
     */
    boolean allowsTurn() {
        return protocols.isEmpty() || protocols.stream().anyMatch(TlsContexts.APPLICATION_PROTOCOLS::contains);
    }
}
