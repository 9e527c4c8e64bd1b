package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A request that is refused or fails, rendered as {@code application/problem+json} (RFC 9457). */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final MediaType PROBLEM_JSON = MediaType.parse("application/problem+json");

    /** The closed set of problems; the name is the last part of the type URI and the metric's label. */
    enum Kind {
        INVALID_PARAMETER(HttpStatus.BAD_REQUEST, "A parameter is not acceptable"), INVALID_BODY(HttpStatus.BAD_REQUEST,
                "The body is not acceptable"), MALFORMED_REQUEST(HttpStatus.BAD_REQUEST,
                        "The request is not readable"), UNAUTHORIZED(HttpStatus.UNAUTHORIZED,
                                "A valid bearer token is needed"), FORBIDDEN(HttpStatus.FORBIDDEN,
                                        "The token does not allow this"), NOT_FOUND(HttpStatus.NOT_FOUND,
                                                "There is no such resource"), METHOD_NOT_ALLOWED(
                                                        HttpStatus.METHOD_NOT_ALLOWED,
                                                        "The resource does not know this method"), CONFLICT(
                                                                HttpStatus.CONFLICT,
                                                                "The state of the resource does not allow this"), PRECONDITION_FAILED(
                                                                        HttpStatus.PRECONDITION_FAILED,
                                                                        "The resource was changed since it was read"), BODY_TOO_LARGE(
                                                                                HttpStatus.REQUEST_ENTITY_TOO_LARGE,
                                                                                "The body is too large"), INTERNAL(
                                                                                        HttpStatus.INTERNAL_SERVER_ERROR,
                                                                                        "The server failed"), UNAVAILABLE(
                                                                                                HttpStatus.SERVICE_UNAVAILABLE,
                                                                                                "The answer is not available now");

        private final HttpStatus status;
        private final String title;

        Kind(HttpStatus status, String title) {
            this.status = status;
            this.title = title;
        }

        /** Name in URIs and metrics, such as {@code not-found}. */
        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private final Kind kind;
    private final String field;
    private final Map<CharSequence, String> headers = new LinkedHashMap<>();
    private final ObjectNode more = Json.object();

    private Problem(Kind kind, String field, String detail) {
        super(detail, null, false, false);
        this.kind = kind;
        this.field = field;
    }

    static Problem of(Kind kind, String detail) {
        return new Problem(kind, "", detail);
    }

    /** A query parameter, path part or header that is not acceptable. */
    static Problem parameter(String name, String detail) {
        return new Problem(Kind.INVALID_PARAMETER, name, detail);
    }

    /** A JSON field that is not acceptable; {@code secrets[0].id} names an inner one. */
    static Problem body(String field, String detail) {
        return new Problem(Kind.INVALID_BODY, field, detail);
    }

    static Problem unavailable(String detail, Duration retryAfter) {
        return of(Kind.UNAVAILABLE, detail).with(HttpHeaderNames.RETRY_AFTER,
                Long.toString(Math.max(1, retryAfter.toSeconds())));
    }

    Problem with(CharSequence header, String value) {
        headers.put(header, value);
        return this;
    }

    /** Adds a member that says more for programs. */
    Problem with(String member, ObjectNode value) {
        more.set(member, value);
        return this;
    }

    Kind kind() {
        return kind;
    }

    ResponseHeaders responseHeaders() {
        ResponseHeadersBuilder builder = ResponseHeaders.builder(kind.status).contentType(PROBLEM_JSON);
        builder.set(HttpHeaderNames.CACHE_CONTROL, "no-store");
        headers.forEach(builder::set);
        return builder.build();
    }

    HttpData content() {
        ObjectNode body = Json.object().put("type", "urn:turnpike:problem:" + kind.label()).put("title", kind.title)
                .put("status", kind.status.code()).put("detail", getMessage());
        if (!field.isEmpty()) {
            body.put("field", field);
        }
        body.setAll(more);
        return HttpData.wrap(Json.line(body));
    }
}
