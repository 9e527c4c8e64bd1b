package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.turnpike.telemetry.query.Freshness;
import java.nio.charset.StandardCharsets;

/**
 * What a handler answers. Nothing is stored by caches: figures age in seconds, credentials are secret.
 *
 * @param body what is sent after the headers
 */
record Reply(ResponseHeaders headers, Body body) {
    /** Up to when records are counted in, also where the body does not say it. */
    static final String AS_OF = "turnpike-as-of";

    /** What is sent after the headers. */
    sealed interface Body permits Whole, Stream {
        /** The whole response. */
        HttpResponse after(ResponseHeaders headers, ServiceRequestContext context);
    }

    private record Whole(HttpData content) implements Body {
        @Override
        public HttpResponse after(ResponseHeaders headers, ServiceRequestContext context) {
            return HttpResponse.of(headers, content);
        }
    }

    /** Pieces that are made while the client takes them. */
    private record Stream(StreamedBody.Pieces pieces) implements Body {
        @Override
        public HttpResponse after(ResponseHeaders headers, ServiceRequestContext context) {
            return context.method() == HttpMethod.HEAD
                    ? HttpResponse.of(headers)
                    : StreamedBody.send(headers, pieces, context);
        }
    }

    /** An answer with its freshness, and an ETag over all of it that does not change by time alone. */
    static Reply ok(ObjectNode body, Freshness freshness) {
        String etag = EntityTag.weak(body, freshness);
        return json(HttpStatus.OK, Json.fresh(body, freshness)).with(HttpHeaderNames.ETAG, etag).with(AS_OF,
                Json.time(freshness.asOf()));
    }

    static Reply json(HttpStatus status, ObjectNode body) {
        return of(status, MediaType.JSON_UTF_8, HttpData.wrap(Json.line(body)));
    }

    static Reply text(MediaType type, String text) {
        return of(HttpStatus.OK, type, HttpData.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    static Reply streamed(MediaType type, StreamedBody.Pieces pieces) {
        return new Reply(headers(HttpStatus.OK, type), new Stream(pieces));
    }

    static Reply noContent() {
        return new Reply(ResponseHeaders.builder(HttpStatus.NO_CONTENT).build(), new Whole(HttpData.empty()));
    }

    private static Reply of(HttpStatus status, MediaType type, HttpData content) {
        return new Reply(headers(status, type), new Whole(content));
    }

    private static ResponseHeaders headers(HttpStatus status, MediaType type) {
        return ResponseHeaders.builder(status).contentType(type).set(HttpHeaderNames.CACHE_CONTROL, "no-store").build();
    }

    Reply with(CharSequence header, String value) {
        return new Reply(headers.withMutations(builder -> builder.set(header, value)), body);
    }

    /** With the version of the resource as its strong ETag. */
    Reply etag(long version) {
        return with(HttpHeaderNames.ETAG, '"' + Long.toString(version) + '"');
    }

    /** 304 without a body if the caller has what would be sent (RFC 9110, section 13.1.2). */
    Reply unless(RequestHeaders request) {
        if (!EntityTag.matches(request.get(HttpHeaderNames.IF_NONE_MATCH), headers.get(HttpHeaderNames.ETAG))) {
            return this;
        }
        ResponseHeadersBuilder same = headers.toBuilder().status(HttpStatus.NOT_MODIFIED);
        same.remove(HttpHeaderNames.CONTENT_TYPE);
        return new Reply(same.build(), new Whole(HttpData.empty()));
    }

    HttpResponse response(ServiceRequestContext context) {
        return body.after(headers, context);
    }
}
