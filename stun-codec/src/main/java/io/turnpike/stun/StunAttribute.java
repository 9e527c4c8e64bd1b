package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * The value of one STUN attribute: a closed set, one record each: RFC 8489 section 14, RFC 8656
 * section 18, RFC 5780 section 7, RFC 6062 section 6.2, RFC 7635 section 6 and RFC 8016 section 3.3.
 *
 * <p>
 * A record rejects in its constructor what cannot be written. Each has a static {@code decode} that {@link AttributeType}
 * knows, and {@link StunFrame#get} calls; it answers null for an ill-formed value.
 */
public sealed interface StunAttribute permits MappedAddress, XorMappedAddress, Username, Userhash, MessageIntegrity,
        MessageIntegritySha256, Fingerprint, ErrorCodeAttribute, Realm, Nonce, PasswordAlgorithms, PasswordAlgorithm,
        UnknownAttributes, Software, AlternateServer, AlternateDomain, ChannelNumber, Lifetime, XorPeerAddress, Data,
        XorRelayedAddress, RequestedAddressFamily, EvenPort, RequestedTransport, DontFragment, ReservationToken,
        AdditionalAddressFamily, AddressErrorCode, Icmp, ChangeRequest, AccessToken, Padding, ResponsePort,
        ConnectionId, CacheTimeout, ResponseOrigin, OtherAddress, ThirdPartyAuthorization, MobilityTicket {

    /** Which attribute this is. */
    AttributeType type();

    /**
     * Writes the value, without the attribute's header and padding.
     *
     * @param messageStart
     *            index in {@code out} of the message's first byte; addresses are XORed with its transaction id
     */
    void encode(ByteBuf out, int messageStart);
}
