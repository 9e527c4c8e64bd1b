package io.turnpike.system.differential;

import java.util.Locale;
import java.util.Map;

/** Numbers of the registries (RFC 8489 section 18, RFC 8656 section 20), as the script and its table need them. */
final class Names {
    static final int BINDING = 0x001;
    static final int ALLOCATE = 0x003;
    static final int REFRESH = 0x004;
    static final int SEND = 0x006;
    static final int DATA_METHOD = 0x007;
    static final int CREATE_PERMISSION = 0x008;
    static final int CHANNEL_BIND = 0x009;
    static final int CONNECT = 0x00A;
    static final int CONNECTION_BIND = 0x00B;

    static final int INDICATION = 0x010;
    static final int SUCCESS = 0x100;
    static final int ERROR = 0x110;

    static final int MAPPED_ADDRESS = 0x0001;
    static final int CHANGE_REQUEST = 0x0003;
    static final int USERNAME = 0x0006;
    static final int MESSAGE_INTEGRITY = 0x0008;
    static final int ERROR_CODE = 0x0009;
    static final int UNKNOWN_ATTRIBUTES = 0x000A;
    static final int CHANNEL_NUMBER = 0x000C;
    static final int LIFETIME = 0x000D;
    static final int XOR_PEER_ADDRESS = 0x0012;
    static final int DATA = 0x0013;
    static final int REALM = 0x0014;
    static final int NONCE = 0x0015;
    static final int XOR_RELAYED_ADDRESS = 0x0016;
    static final int REQUESTED_ADDRESS_FAMILY = 0x0017;
    static final int EVEN_PORT = 0x0018;
    static final int REQUESTED_TRANSPORT = 0x0019;
    static final int DONT_FRAGMENT = 0x001A;
    static final int MESSAGE_INTEGRITY_SHA256 = 0x001C;
    static final int PASSWORD_ALGORITHM = 0x001D;
    static final int USERHASH = 0x001E;
    static final int XOR_MAPPED_ADDRESS = 0x0020;
    static final int RESERVATION_TOKEN = 0x0022;
    static final int CONNECTION_ID = 0x002A;
    static final int ADDITIONAL_ADDRESS_FAMILY = 0x8000;
    static final int ADDRESS_ERROR_CODE = 0x8001;
    static final int PASSWORD_ALGORITHMS = 0x8002;
    static final int SOFTWARE = 0x8022;
    static final int FINGERPRINT = 0x8028;
    static final int RESPONSE_ORIGIN = 0x802B;
    static final int OTHER_ADDRESS = 0x802C;
    static final int MOBILITY_TICKET = 0x8030;

    /** In nobody's registry: the first must be understood, the second need not be. */
    static final int UNKNOWN_REQUIRED = 0x7FF0;
    static final int UNKNOWN_OPTIONAL = 0xFFF0;

    private static final Map<Integer, String> ATTRIBUTES = Map.ofEntries(
            Map.entry(MAPPED_ADDRESS, "MAPPED-ADDRESS"), Map.entry(ERROR_CODE, "ERROR-CODE"),
            Map.entry(UNKNOWN_ATTRIBUTES, "UNKNOWN-ATTRIBUTES"), Map.entry(LIFETIME, "LIFETIME"),
            Map.entry(XOR_PEER_ADDRESS, "XOR-PEER-ADDRESS"), Map.entry(DATA, "DATA"), Map.entry(REALM, "REALM"),
            Map.entry(NONCE, "NONCE"), Map.entry(XOR_RELAYED_ADDRESS, "XOR-RELAYED-ADDRESS"),
            Map.entry(XOR_MAPPED_ADDRESS, "XOR-MAPPED-ADDRESS"), Map.entry(RESERVATION_TOKEN, "RESERVATION-TOKEN"),
            Map.entry(ADDRESS_ERROR_CODE, "ADDRESS-ERROR-CODE"), Map.entry(PASSWORD_ALGORITHMS, "PASSWORD-ALGORITHMS"),
            Map.entry(SOFTWARE, "SOFTWARE"), Map.entry(FINGERPRINT, "FINGERPRINT"),
            Map.entry(RESPONSE_ORIGIN, "RESPONSE-ORIGIN"), Map.entry(OTHER_ADDRESS, "OTHER-ADDRESS"),
            Map.entry(MOBILITY_TICKET, "MOBILITY-TICKET"), Map.entry(CONNECTION_ID, "CONNECTION-ID"));

    private Names() {}

    /** Name of an attribute in an answer; its number if it has none here. */
    static String attribute(int number) {
        return ATTRIBUTES.getOrDefault(number, String.format(Locale.ROOT, "0x%04X", number));
    }
}
