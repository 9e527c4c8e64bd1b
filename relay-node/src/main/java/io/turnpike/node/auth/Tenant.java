package io.turnpike.node.auth;

import io.turnpike.contract.TenantName;
import io.turnpike.node.config.PeerRules;
import java.util.List;

/**
 * A tenant as the relay needs it.
 *
 * @param id tenant id
 * @param active false refuses every request of the tenant
 * @param secrets TURN REST shared secrets; none leaves only static users
 * @param channelNumbers which channel numbers its clients may bind
 * @param billableRule which of its wire bytes are billed
 * @param credentialExpiry what the end of a signed user name stops
 * @param accessTokenKeys keys that open its access tokens (RFC 7635); none takes no tokens
 * @param serverNames TLS server names that select it
 * @param peers what it adds to the node's peer policy
 */
public record Tenant(String id, boolean active, List<SharedSecret> secrets, ChannelNumbers channelNumbers,
        BillableRule billableRule, CredentialExpiry credentialExpiry, List<AccessTokenKey> accessTokenKeys,
        List<String> serverNames, PeerRules peers) {
    /** Refuses ids that no tenant can have. */
    public Tenant {
        if (!TenantName.isTenantId(id)) {
            throw new IllegalArgumentException("not a tenant id");
        }
        secrets = List.copyOf(secrets);
        accessTokenKeys = List.copyOf(accessTokenKeys);
        serverNames = List.copyOf(serverNames);
    }

    /** A tenant with the defaults of all that is not said. */
    public Tenant(String id, boolean active, List<SharedSecret> secrets, ChannelNumbers channelNumbers,
            BillableRule billableRule) {
        this(id, active, secrets, channelNumbers, billableRule, CredentialExpiry.ALLOCATE, List.of(), List.of(),
                PeerRules.NONE);
    }

    /** Ranges of channel numbers. */
    public enum ChannelNumbers {
        /** 0x4000 to 0x4FFF (RFC 8656 section 12). */
        RFC8656(0x4FFF),
        /** 0x4000 to 0x7FFF, for old clients. */
        RFC5766(0x7FFF);

        private static final int FIRST = 0x4000;

        private final int last;

        ChannelNumbers(int last) {
            this.last = last;
        }

        /** Whether clients may bind the number. */
        public boolean allows(int channelNumber) {
            return channelNumber >= FIRST && channelNumber <= last;
        }
    }

    /** Which wire bytes are billed. */
    public enum BillableRule {
        /** Client to relay and relay to client. */
        BOTH_DIRECTIONS,
        /** What leaves the relay: relay to peer and relay to client. */
        EGRESS_ONLY
    }
}
