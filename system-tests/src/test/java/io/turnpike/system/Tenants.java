package io.turnpike.system;

import static org.awaitility.Awaitility.await;

import io.turnpike.client.ClientTransport;
import io.turnpike.client.StunErrorException;
import java.time.Duration;
import java.util.concurrent.CompletionException;

/** Tenants for a test: made through the API, and known to every relay before the test goes on. */
final class Tenants {
    /** Ten times what is promised. */
    private static final Duration KNOWN = Duration.ofSeconds(20);
    /** RFC 8656 section 19: Allocation Quota Reached. */
    static final int QUOTA_REACHED = 486;
    private static final int UNAUTHENTICATED = 401;

    private Tenants() {}

    /** Makes a tenant without quota and waits until each relay takes its credentials. */
    static void create(TurnpikeCluster cluster, String tenant, String secret) {
        create(cluster, tenant, secret, "RFC8656");
    }

    /** The same, for clients that use the channel numbers of this RFC. */
    static void create(TurnpikeCluster cluster, String tenant, String secret, String channelNumbers) {
        new TurnpikeApi(cluster.api()).putTenant(tenant, secret, channelNumbers);
        for (int relay = 1; relay <= cluster.relays(); relay++) {
            int index = relay;
            await(tenant + " known to relay " + relay).atMost(KNOWN).pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> isKnown(cluster, index, tenant, secret));
        }
    }

    private static boolean isKnown(TurnpikeCluster cluster, int relay, String tenant, String secret) {
        try (MeasuredCall call = MeasuredCall.start(cluster, relay, ClientTransport.UDP, tenant, "first-contact",
                secret)) {
            call.release();
            return true;
        } catch (CompletionException e) {
            if (errorCode(e) == UNAUTHENTICATED) {
                return false;
            }
            throw e;
        }
    }

    /** The STUN error that made a future fail, 0 if it was something else. */
    static int errorCode(CompletionException failure) {
        return failure.getCause() instanceof StunErrorException error ? error.code() : 0;
    }
}
