package io.turnpike.stun;

import java.util.EnumSet;
import java.util.Set;

/** The STUN methods that Turnpike speaks, with the classes that each may have (RFC 8489 section 18.2, RFC 8656, RFC 6062). */
public enum StunMethod {
    /** RFC 8489 section 18.2; an indication keeps a NAT binding alive (RFC 8445 section 11). */
    BINDING(0x001, "Binding", EnumSet.allOf(StunClass.class)),
    /** RFC 8656 section 7. */
    ALLOCATE(0x003, "Allocate", requestAndResponses()),
    /** RFC 8656 section 8. */
    REFRESH(0x004, "Refresh", requestAndResponses()),
    /** RFC 8656 section 11, client to server. */
    SEND(0x006, "Send", EnumSet.of(StunClass.INDICATION)),
    /** RFC 8656 section 11, server to client. */
    DATA(0x007, "Data", EnumSet.of(StunClass.INDICATION)),
    /** RFC 8656 section 10. */
    CREATE_PERMISSION(0x008, "CreatePermission", requestAndResponses()),
    /** RFC 8656 section 12. */
    CHANNEL_BIND(0x009, "ChannelBind", requestAndResponses()),
    /** RFC 6062 section 4.3: opens a connection to a peer. */
    CONNECT(0x00A, "Connect", requestAndResponses()),
    /** RFC 6062 section 4.3: joins a client's connection to a peer's. */
    CONNECTION_BIND(0x00B, "ConnectionBind", requestAndResponses()),
    /** RFC 6062 section 4.4: a peer has connected. */
    CONNECTION_ATTEMPT(0x00C, "ConnectionAttempt", EnumSet.of(StunClass.INDICATION));

    private static final StunMethod[] BY_CODE = byCode();

    private final int code;
    private final String registryName;
    private final Set<StunClass> classes;

    StunMethod(int code, String registryName, Set<StunClass> classes) {
        this.code = code;
        this.registryName = registryName;
        this.classes = classes;
    }

    /** The 12-bit number of the IANA registry. */
    public int code() {
        return code;
    }

    /** The name of the IANA registry. */
    public String registryName() {
        return registryName;
    }

    /** Whether this method has messages of this class (RFC 8489 section 6.3). */
    public boolean allows(StunClass messageClass) {
        return classes.contains(messageClass);
    }

    /** The 14-bit message type: method and class bits interleaved (RFC 8489 section 5, figure 3). */
    public int messageType(StunClass messageClass) {
        int spread = code & 0x000F | (code & 0x0070) << 1 | (code & 0x0F80) << 2;
        return spread | (messageClass.bits() & 0b10) << 7 | (messageClass.bits() & 0b01) << 4;
    }

    /** The method of a 14-bit message type, or null if Turnpike does not speak it. */
    static StunMethod ofType(int messageType) {
        int code = messageType & 0x000F | messageType >> 1 & 0x0070 | messageType >> 2 & 0x0F80;
        return code < BY_CODE.length ? BY_CODE[code] : null;
    }

    private static EnumSet<StunClass> requestAndResponses() {
        return EnumSet.complementOf(EnumSet.of(StunClass.INDICATION));
    }

    private static StunMethod[] byCode() {
        StunMethod[] table = new StunMethod[16];
        for (StunMethod method : values()) {
            table[method.code] = method;
        }
        return table;
    }
}
