package io.turnpike.node.auth;

import io.turnpike.contract.TurnUsername;
import io.turnpike.stun.LongTermKey;
import io.turnpike.stun.Userhash;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The static users by the hash that may stand for their name (RFC 8489 sections 9.2.4 and 14.4). A user of a TURN REST
 * secret is not registered anywhere: its name cannot be found from a hash. Immutable.
 */
final class RegisteredUsers {
    private final Map<Userhash, String> names = new HashMap<>();
    private final Set<String> tenants;

    RegisteredUsers(String realm, Collection<KeyRing.UserName> users) {
        for (KeyRing.UserName user : users) {
            index(realm, user, user.tenant() + '/' + user.user());
            index(realm, user, user.user());
        }
        tenants = users.stream().map(KeyRing.UserName::tenant).collect(Collectors.toUnmodifiableSet());
    }

    private void index(String realm, KeyRing.UserName user, String username) {
        // Only what would be read as this user's name when it came as USERNAME.
        TurnUsername.parse(username, user.tenant())
                .filter(name -> name.expiresAt().isEmpty() && name.tenantId().equals(user.tenant())
                        && name.userId().equals(user.user()))
                .ifPresent(name -> names.put(LongTermKey.userhash(username, realm), username));
    }

    /** The USERNAME that the client would have sent. */
    Optional<String> username(Userhash hash) {
        return Optional.ofNullable(names.get(hash));
    }

    /**
     * Whether clients of the tenant may hide their names: it has registered users, and nobody signs in who could not be
     * found by a hash.
     */
    boolean allAreRegistered(Tenant tenant) {
        return tenants.contains(tenant.id()) && tenant.secrets().isEmpty() && tenant.accessTokenKeys().isEmpty();
    }
}
