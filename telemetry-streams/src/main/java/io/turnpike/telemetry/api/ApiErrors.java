package io.turnpike.telemetry.api;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.RequestTimeoutException;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.time.Duration;

/** Renders what fails outside of a route (no such path, wrong method, unreadable request) like every other problem. */
final class ApiErrors implements ServerErrorHandler {
    private final ApiMeters meters;

    ApiErrors(ApiMeters meters) {
        this.meters = meters;
    }

    @Override
    public HttpResponse onServiceException(ServiceRequestContext context, Throwable cause) {
        Problem problem = cause instanceof HttpStatusException failed
                ? of(failed.httpStatus())
                : cause instanceof RequestTimeoutException
                        ? Problem.unavailable("the answer took too long", Duration.ofSeconds(2))
                        : of(HttpStatus.INTERNAL_SERVER_ERROR);
        meters.refused(problem.kind());
        return HttpResponse.of(problem.responseHeaders(), problem.content());
    }

    @Override
    public AggregatedHttpResponse onProtocolViolation(ServiceConfig config, RequestHeaders headers, HttpStatus status,
            String description, Throwable cause) {
        return rendered(of(status));
    }

    @Override
    public AggregatedHttpResponse renderStatus(ServiceRequestContext context, ServiceConfig config,
            RequestHeaders headers, HttpStatus status, String description, Throwable cause) {
        return rendered(of(status));
    }

    private AggregatedHttpResponse rendered(Problem problem) {
        meters.refused(problem.kind());
        return AggregatedHttpResponse.of(problem.responseHeaders(), problem.content());
    }

    private static Problem of(HttpStatus status) {
        return switch (status.code()) {
            case 404 -> Problem.of(Problem.Kind.NOT_FOUND, "nothing is served here; /openapi.yaml lists what is");
            case 405 -> Problem.of(Problem.Kind.METHOD_NOT_ALLOWED, "/openapi.yaml lists the methods");
            case 413 -> Problem.of(Problem.Kind.BODY_TOO_LARGE, "at most " + ApiServer.MAX_BODY_BYTES + " bytes");
            case 503 -> Problem.unavailable("the server is starting, stopping or overloaded", Duration.ofSeconds(2));
            default -> status.isClientError()
                    ? Problem.of(Problem.Kind.MALFORMED_REQUEST, "the request is not readable as HTTP")
                    : Problem.of(Problem.Kind.INTERNAL, "the request failed in the server");
        };
    }
}
