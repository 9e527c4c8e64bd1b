package io.turnpike.system;

import io.turnpike.client.ClientTransport;
import java.util.concurrent.CompletionException;

/** A tenant whose quota a test sets: calls of its users, what relays refuse them, and what the API tells of it. */
record QuotaTenant(TurnpikeCluster cluster, TurnpikeApi api, String id) {
    private static final String SECRET = "quota-secret";

    /** Makes a tenant without quota, which every relay knows. */
    static QuotaTenant create(TurnpikeCluster cluster, String id) {
        Tenants.create(cluster, id, SECRET);
        return new QuotaTenant(cluster, new TurnpikeApi(cluster.api()), id);
    }

    QuotaBooks books() {
        return new QuotaBooks(api, id);
    }

    /** A user's call, which must be admitted at once. */
    MeasuredCall call(int relay, String user) {
        return MeasuredCall.start(cluster, relay, ClientTransport.UDP, id, user, SECRET);
    }

    /** A user's call, however often the client has to ask. */
    MeasuredCall admitted(int relay, String user) {
        return MeasuredCall.admitted(cluster, relay, ClientTransport.UDP, id, user, SECRET);
    }

    /** The error of a new Allocate, 0 if it is answered with an allocation. */
    int refusal(int relay, String user) {
        try (MeasuredCall call = call(relay, user)) {
            call.release();
            return 0;
        } catch (CompletionException e) {
            return Tenants.errorCode(e);
        }
    }
}
