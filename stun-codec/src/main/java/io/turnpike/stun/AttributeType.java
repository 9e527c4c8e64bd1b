package io.turnpike.stun;

import java.util.HashMap;
import java.util.Map;

import io.netty.buffer.ByteBuf;

/** The attributes that Turnpike reads and writes: number, registry name, defining section, and how to decode each. */
public enum AttributeType {
    /** RFC 8489 section 14.1. */
    MAPPED_ADDRESS(0x0001, "MAPPED-ADDRESS", "RFC 8489 14.1", MappedAddress.class, MappedAddress::decode),
    /** RFC 5780 section 7.2. */
    CHANGE_REQUEST(0x0003, "CHANGE-REQUEST", "RFC 5780 7.2", ChangeRequest.class, ChangeRequest::decode),
    /** RFC 8489 section 14.3. */
    USERNAME(0x0006, "USERNAME", "RFC 8489 14.3", Username.class, Username::decode),
    /** RFC 8489 section 14.5. */
    MESSAGE_INTEGRITY(0x0008, "MESSAGE-INTEGRITY", "RFC 8489 14.5", MessageIntegrity.class, MessageIntegrity::decode),
    /** RFC 8489 section 14.8. */
    ERROR_CODE(0x0009, "ERROR-CODE", "RFC 8489 14.8", ErrorCodeAttribute.class, ErrorCodeAttribute::decode),
    /** RFC 8489 section 14.13. */
    UNKNOWN_ATTRIBUTES(0x000A, "UNKNOWN-ATTRIBUTES", "RFC 8489 14.13", UnknownAttributes.class,
            UnknownAttributes::decode),
    /** RFC 8656 section 18.1. */
    CHANNEL_NUMBER(0x000C, "CHANNEL-NUMBER", "RFC 8656 18.1", ChannelNumber.class, ChannelNumber::decode),
    /** RFC 8656 section 18.2. */
    LIFETIME(0x000D, "LIFETIME", "RFC 8656 18.2", Lifetime.class, Lifetime::decode),
    /** RFC 8656 section 18.3. */
    XOR_PEER_ADDRESS(0x0012, "XOR-PEER-ADDRESS", "RFC 8656 18.3", XorPeerAddress.class, XorPeerAddress::decode),
    /** RFC 8656 section 18.4. */
    DATA(0x0013, "DATA", "RFC 8656 18.4", Data.class, Data::decode),
    /** RFC 8489 section 14.9. */
    REALM(0x0014, "REALM", "RFC 8489 14.9", Realm.class, Realm::decode),
    /** RFC 8489 section 14.10. */
    NONCE(0x0015, "NONCE", "RFC 8489 14.10", Nonce.class, Nonce::decode),
    /** RFC 8656 section 18.5. */
    XOR_RELAYED_ADDRESS(0x0016, "XOR-RELAYED-ADDRESS", "RFC 8656 18.5", XorRelayedAddress.class,
            XorRelayedAddress::decode),
    /** RFC 8656 section 18.6. */
    REQUESTED_ADDRESS_FAMILY(0x0017, "REQUESTED-ADDRESS-FAMILY", "RFC 8656 18.6", RequestedAddressFamily.class,
            RequestedAddressFamily::decode),
    /** RFC 8656 section 18.7. */
    EVEN_PORT(0x0018, "EVEN-PORT", "RFC 8656 18.7", EvenPort.class, EvenPort::decode),
    /** RFC 8656 section 18.8. */
    REQUESTED_TRANSPORT(0x0019, "REQUESTED-TRANSPORT", "RFC 8656 18.8", RequestedTransport.class,
            RequestedTransport::decode),
    /** RFC 8656 section 18.9. */
    DONT_FRAGMENT(0x001A, "DONT-FRAGMENT", "RFC 8656 18.9", DontFragment.class, DontFragment::decode),
    /** RFC 7635 section 6.2. */
    ACCESS_TOKEN(0x001B, "ACCESS-TOKEN", "RFC 7635 6.2", AccessToken.class, AccessToken::decode),
    /** RFC 8489 section 14.6. */
    MESSAGE_INTEGRITY_SHA256(0x001C, "MESSAGE-INTEGRITY-SHA256", "RFC 8489 14.6", MessageIntegritySha256.class,
            MessageIntegritySha256::decode),
    /** RFC 8489 section 14.12. */
    PASSWORD_ALGORITHM(0x001D, "PASSWORD-ALGORITHM", "RFC 8489 14.12", PasswordAlgorithm.class,
            PasswordAlgorithm::decode),
    /** RFC 8489 section 14.4. */
    USERHASH(0x001E, "USERHASH", "RFC 8489 14.4", Userhash.class, Userhash::decode),
    /** RFC 8489 section 14.2. */
    XOR_MAPPED_ADDRESS(0x0020, "XOR-MAPPED-ADDRESS", "RFC 8489 14.2", XorMappedAddress.class, XorMappedAddress::decode),
    /** RFC 8656 section 18.10. */
    RESERVATION_TOKEN(0x0022, "RESERVATION-TOKEN", "RFC 8656 18.10", ReservationToken.class, ReservationToken::decode),
    /** RFC 5780 section 7.6. */
    PADDING(0x0026, "PADDING", "RFC 5780 7.6", Padding.class, Padding::decode),
    /** RFC 5780 section 7.5. */
    RESPONSE_PORT(0x0027, "RESPONSE-PORT", "RFC 5780 7.5", ResponsePort.class, ResponsePort::decode),
    /** RFC 6062 section 6.2.1. */
    CONNECTION_ID(0x002A, "CONNECTION-ID", "RFC 6062 6.2.1", ConnectionId.class, ConnectionId::decode),
    /** RFC 8656 section 18.11. */
    ADDITIONAL_ADDRESS_FAMILY(0x8000, "ADDITIONAL-ADDRESS-FAMILY", "RFC 8656 18.11", AdditionalAddressFamily.class,
            AdditionalAddressFamily::decode),
    /** RFC 8656 section 18.12. */
    ADDRESS_ERROR_CODE(0x8001, "ADDRESS-ERROR-CODE", "RFC 8656 18.12", AddressErrorCode.class,
            AddressErrorCode::decode),
    /** RFC 8489 section 14.11. */
    PASSWORD_ALGORITHMS(0x8002, "PASSWORD-ALGORITHMS", "RFC 8489 14.11", PasswordAlgorithms.class,
            PasswordAlgorithms::decode),
    /** RFC 8489 section 14.16. */
    ALTERNATE_DOMAIN(0x8003, "ALTERNATE-DOMAIN", "RFC 8489 14.16", AlternateDomain.class, AlternateDomain::decode),
    /** RFC 8656 section 18.13. */
    ICMP(0x8004, "ICMP", "RFC 8656 18.13", Icmp.class, Icmp::decode),
    /** RFC 8489 section 14.14. */
    SOFTWARE(0x8022, "SOFTWARE", "RFC 8489 14.14", Software.class, Software::decode),
    /** RFC 8489 section 14.15. */
    ALTERNATE_SERVER(0x8023, "ALTERNATE-SERVER", "RFC 8489 14.15", AlternateServer.class, AlternateServer::decode),
    /** RFC 5780 section 7.1. */
    CACHE_TIMEOUT(0x8027, "CACHE-TIMEOUT", "RFC 5780 7.1", CacheTimeout.class, CacheTimeout::decode),
    /** RFC 8489 section 14.7. */
    FINGERPRINT(0x8028, "FINGERPRINT", "RFC 8489 14.7", Fingerprint.class, Fingerprint::decode),
    /** RFC 5780 section 7.3. */
    RESPONSE_ORIGIN(0x802B, "RESPONSE-ORIGIN", "RFC 5780 7.3", ResponseOrigin.class, ResponseOrigin::decode),
    /** RFC 5780 section 7.4. */
    OTHER_ADDRESS(0x802C, "OTHER-ADDRESS", "RFC 5780 7.4", OtherAddress.class, OtherAddress::decode),
    /** RFC 7635 section 6.1. */
    THIRD_PARTY_AUTHORIZATION(0x802E, "THIRD-PARTY-AUTHORIZATION", "RFC 7635 6.1", ThirdPartyAuthorization.class,
            ThirdPartyAuthorization::decode),
    /** RFC 8016 section 3.3. */
    MOBILITY_TICKET(0x8030, "MOBILITY-TICKET", "RFC 8016 3.3", MobilityTicket.class, MobilityTicket::decode);

    /** First comprehension-optional code (RFC 8489 section 14). */
    static final int COMPREHENSION_OPTIONAL = 0x8000;

    private static final int TABLE_SLOTS = 64;
    private static final AttributeType[] REQUIRED_BY_CODE = table(0);
    private static final AttributeType[] OPTIONAL_BY_CODE = table(COMPREHENSION_OPTIONAL);
    private static final Map<Class<? extends StunAttribute>, AttributeType> BY_VALUE_CLASS = byValueClass();

    private final int code;
    private final String registryName;
    private final String section;
    private final Class<? extends StunAttribute> valueClass;
    private final Decoder decoder;

    AttributeType(int code, String registryName, String section, Class<? extends StunAttribute> valueClass,
            Decoder decoder) {
        this.code = code;
        this.registryName = registryName;
        this.section = section;
        this.valueClass = valueClass;
        this.decoder = decoder;
    }

    /** The 16-bit number of the IANA registry. */
    public int code() {
        return code;
    }

    /** The name of the IANA registry. */
    public String registryName() {
        return registryName;
    }

    /** Where it is defined. */
    public String section() {
        return section;
    }

    /** The record that holds its value. */
    public Class<? extends StunAttribute> valueClass() {
        return valueClass;
    }

    /** Whether an agent that does not know it must refuse the message (RFC 8489 section 14). */
    public boolean comprehensionRequired() {
        return code < COMPREHENSION_OPTIONAL;
    }

    /** The type of a 16-bit number, or null if it is none of these. */
    public static AttributeType ofCode(int code) {
        if (code >= 0 && code < TABLE_SLOTS) {
            return REQUIRED_BY_CODE[code];
        }
        int slot = code - COMPREHENSION_OPTIONAL;
        return slot >= 0 && slot < TABLE_SLOTS ? OPTIONAL_BY_CODE[slot] : null;
    }

    /** The type that a record stands for. */
    static AttributeType of(Class<? extends StunAttribute> valueClass) {
        return BY_VALUE_CLASS.get(valueClass);
    }

    /** The value of {@code length} bytes at {@code index}, which lie inside the buffer; null if it is ill-formed. */
    StunAttribute decode(ByteBuf buffer, int messageStart, int index, int length) {
        return decoder.decode(buffer, messageStart, index, length);
    }

    private static AttributeType[] table(int base) {
        AttributeType[] table = new AttributeType[TABLE_SLOTS];
        for (AttributeType type : values()) {
            if (type.code >= base && type.code < base + TABLE_SLOTS) {
                table[type.code - base] = type;
            }
        }
        return table;
    }

    private static Map<Class<? extends StunAttribute>, AttributeType> byValueClass() {
        Map<Class<? extends StunAttribute>, AttributeType> map = new HashMap<>();
        for (AttributeType type : values()) {
            map.put(type.valueClass, type);
        }
        return Map.copyOf(map);
    }

    /** Reads a value in place; never throws for a value inside the buffer. */
    @FunctionalInterface
    interface Decoder {
        StunAttribute decode(ByteBuf buffer, int messageStart, int index, int length);
    }
}
