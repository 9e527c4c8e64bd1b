package io.turnpike.telemetry.api;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.turnpike.telemetry.query.StoreUnavailable;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries a request to its route and the answer back: who calls, what is allowed, known parameters only, then the
 * handler on a thread that may block. Whatever is thrown ends here as a {@link Problem}; a body that cannot be read ends
 * in {@link ApiErrors}.
 */
final class RouteService implements HttpService {
    private static final Logger LOG = LoggerFactory.getLogger(RouteService.class);
    private static final Caller NOBODY = new Caller("nobody", Caller.Rights.READ, Optional.empty());

    private final Route route;
    private final Authentication authentication;
    private final ApiMeters meters;
    private final Clock clock;
    private final Cursors cursors;

    RouteService(Route route, Authentication authentication, ApiMeters meters, Clock clock, Cursors cursors) {
        this.route = route;
        this.authentication = authentication;
        this.meters = meters;
        this.clock = clock;
        this.cursors = cursors;
    }

    @Override
    public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
        return HttpResponse.of(request.aggregate().thenApplyAsync(whole -> answer(context, whole),
                context.blockingTaskExecutor()));
    }

    private HttpResponse answer(ServiceRequestContext context, AggregatedHttpRequest request) {
        try {
            Caller caller = route.access() == Access.PUBLIC
                    ? NOBODY
                    : authentication.caller(request.headers(), context.remoteAddress());
            caller.require(route.access(), Optional.ofNullable(context.pathParams().get("tenant")));
            for (String name : context.queryParams().names()) {
                if (!route.parameters().contains(name)) {
                    throw Problem.parameter(name, "there is no such parameter" + (route.parameters().isEmpty()
                            ? ""
                            : "; known ones are " + String.join(", ", route.parameters())));
                }
            }
            Reply reply = route.handler().answer(new Call(caller, context.pathParams(), context.queryParams(),
                    request.headers(), request.content().array(), clock.instant(),
                    cursors.of(route.path(), context.pathParams())));
            if (route.method() == HttpMethod.GET) {
                reply = reply.unless(request.headers());
            }
            meters.answered(route, reply.headers().status());
            return reply.response(context);
        } catch (RuntimeException e) {
            return failed(request.headers(), e);
        }
    }

    private HttpResponse failed(RequestHeaders headers, Throwable thrown) {
        Problem problem = problem(headers, thrown);
        meters.answered(route, problem.responseHeaders().status());
        meters.refused(problem.kind());
        return HttpResponse.of(problem.responseHeaders(), problem.content());
    }

    private Problem problem(RequestHeaders headers, Throwable thrown) {
        Throwable cause = thrown instanceof CompletionException && thrown.getCause() != null
                ? thrown.getCause()
                : thrown;
        if (cause instanceof Problem problem) {
            return problem;
        }
        if (cause instanceof StoreUnavailable unavailable) {
            return Problem.unavailable(unavailable.getMessage(), unavailable.retryAfter());
        }
        LOG.atError().addKeyValue("method", headers.method()).addKeyValue("route", route.path()).setCause(cause)
                .log("a request failed");
        return Problem.of(Problem.Kind.INTERNAL, "the request failed in the server; its log says why");
    }
}
