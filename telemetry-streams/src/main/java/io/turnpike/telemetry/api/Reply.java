package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import io.turnpike.telemetry.query.Freshness;
import java.nio.charset.StandardCharsets;

/** What a handler answers. Nothing is stored by caches: figures age in seconds, credentials are secret. */
record Reply(ResponseHeaders headers, HttpData content) {
    static Reply ok(ObjectNode body, Freshness freshness) {
        return json(HttpStatus.OK, Json.fresh(body, freshness));
    }

    static Reply json(HttpStatus status, ObjectNode body) {
        return of(status, MediaType.JSON_UTF_8, HttpData.wrap(Json.line(body)));
    }

    static Reply text(MediaType type, String text) {
        return of(HttpStatus.OK, type, HttpData.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    static Reply noContent() {
        return new Reply(ResponseHeaders.builder(HttpStatus.NO_CONTENT).build(), HttpData.empty());
    }

    private static Reply of(HttpStatus status, MediaType type, HttpData content) {
        return new Reply(ResponseHeaders.builder(status).contentType(type)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store").build(), content);
    }

    Reply with(CharSequence header, String value) {
        return new Reply(headers.withMutations(builder -> builder.set(header, value)), content);
    }

    /** With the version of the resource as its strong ETag. */
    Reply etag(long version) {
        return with(HttpHeaderNames.ETAG, '"' + Long.toString(version) + '"');
    }

    HttpResponse response() {
        return HttpResponse.of(headers, content);
    }
}
