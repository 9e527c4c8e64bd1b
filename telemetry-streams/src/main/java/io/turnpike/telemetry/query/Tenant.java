package io.turnpike.telemetry.query;

import io.turnpike.control.v1.BillableRule;
import io.turnpike.control.v1.ChannelNumbers;
import io.turnpike.control.v1.CredentialExpiry;
import io.turnpike.control.v1.TenantStatus;
import java.time.Instant;
import java.util.List;

/**
 * A tenant, without its secrets.
 *
 * @param id tenant id
 * @param version grows with each write, also over deletion; the ETag. At least 1
 * @param displayName for people
 * @param status whether it may allocate
 * @param secretIds names of its secrets, in the order of the record; the first one mints credentials
 * @param channelNumbers which channel numbers its clients may bind
 * @param billableRule which wire bytes are billed
 * @param credentialExpiry what the end of a signed user name stops
 * @param accessTokenKeyIds names of the keys of its access tokens
 * @param serverNames TLS server names that select it
 * @param peerAllow address blocks that its clients may reach although private or loopback
 * @param peerDeny address blocks that its clients may not reach
 * @param updatedAt when it was written
 */
public record Tenant(String id, long version, String displayName, TenantStatus status, List<String> secretIds,
        ChannelNumbers channelNumbers, BillableRule billableRule, CredentialExpiry credentialExpiry,
        List<String> accessTokenKeyIds, List<String> serverNames, List<String> peerAllow, List<String> peerDeny,
        Instant updatedAt) {
    public Tenant {
        secretIds = List.copyOf(secretIds);
        accessTokenKeyIds = List.copyOf(accessTokenKeyIds);
        serverNames = List.copyOf(serverNames);
        peerAllow = List.copyOf(peerAllow);
        peerDeny = List.copyOf(peerDeny);
    }
}
