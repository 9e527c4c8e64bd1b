package io.turnpike.telemetry.api;

import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.RequestHeaders;
import io.turnpike.contract.TenantName;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One request, as a handler sees it. Path parameters are checked when they are read.
 *
 * @param caller who calls
 * @param path decoded path parameters
 * @param query decoded query parameters, known ones only
 * @param headers headers
 * @param body body, empty if there is none
 * @param now when it was taken up
 * @param cursors those of the list that the path names
 */
record Call(Caller caller, Map<String, String> path, QueryParams query, RequestHeaders headers, byte[] body,
        Instant now, Cursors cursors) {
    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 1_000;

    /** The tenant of the path. */
    String tenant() {
        String tenant = path.get("tenant");
        if (!TenantName.isTenantId(tenant)) {
            throw Problem.parameter("tenant", "a tenant id matches " + TenantName.TENANT_ID.pattern());
        }
        return tenant;
    }

    /** The user of the path. */
    String user() {
        return user(path.get("user"));
    }

    /** The user of the query. */
    Optional<String> userParameter() {
        return parameter("user").map(Call::user);
    }

    private static String user(String user) {
        if (!TenantName.isUserId(user)) {
            throw Problem.parameter("user", "a user id has 1 to " + TenantName.MAX_USER_BYTES + " bytes of UTF-8");
        }
        return user;
    }

    /** A query parameter; one that is given twice is refused. */
    Optional<String> parameter(String name) {
        List<String> values = query.getAll(name);
        if (values.size() > 1) {
            throw Problem.parameter(name, "is given " + values.size() + " times");
        }
        return values.stream().findFirst();
    }

    /** Where the page before ended, if it is not the first. */
    Optional<Cursor> cursor() {
        return parameter("cursor").map(cursors::read);
    }

    /** The parameter {@code limit}, 1 to 1,000, 50 by default. */
    int limit() {
        return parameter("limit").map(text -> {
            if (!text.matches("[0-9]{1,4}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > MAX_LIMIT) {
                throw Problem.parameter("limit", "must be a whole number from 1 to " + MAX_LIMIT);
            }
            return Integer.parseInt(text);
        }).orElse(DEFAULT_LIMIT);
    }
}
