package io.turnpike.telemetry.api;

import com.linecorp.armeria.common.HttpMethod;
import java.util.List;

/**
 * One resource and method.
 *
 * @param method method
 * @param path path with parameters in braces, the same text as in {@code openapi.yaml}
 * @param access who may use it
 * @param parameters query parameters that it knows; others are refused
 * @param handler what answers
 */
record Route(HttpMethod method, String path, Access access, List<String> parameters, Handler handler) {
    /** Answers a request; runs on a thread that may block. */
    @FunctionalInterface
    interface Handler {
        Reply answer(Call call);
    }

    static Route get(String path, Access access, Handler handler, String... parameters) {
        return new Route(HttpMethod.GET, path, access, List.of(parameters), handler);
    }

    static Route put(String path, Access access, Handler handler) {
        return new Route(HttpMethod.PUT, path, access, List.of(), handler);
    }

    static Route post(String path, Access access, Handler handler) {
        return new Route(HttpMethod.POST, path, access, List.of(), handler);
    }

    static Route delete(String path, Access access, Handler handler) {
        return new Route(HttpMethod.DELETE, path, access, List.of(), handler);
    }
}
