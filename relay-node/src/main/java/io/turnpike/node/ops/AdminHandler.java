package io.turnpike.node.ops;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.turnpike.node.ops.HealthChecks.Health;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Answers one admin connection; a request that is no HTTP closes it. */
final class AdminHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String JSON = "application/json";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final HealthChecks health;
    private final NodeMetrics metrics;
    private final DrainControl drain;

    AdminHandler(HealthChecks health, NodeMetrics metrics, DrainControl drain) {
        this.health = health;
        this.metrics = metrics;
        this.drain = drain;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        FullHttpResponse response = answer(request);
        boolean keepAlive = HttpUtil.isKeepAlive(request) && request.decoderResult().isSuccess();
        HttpUtil.setContentLength(response, response.content().readableBytes());
        HttpUtil.setKeepAlive(response, keepAlive);
        if (request.method().equals(HttpMethod.HEAD)) {
            response.content().clear();
        }
        var written = context.writeAndFlush(response);
        if (!keepAlive) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    private FullHttpResponse answer(FullHttpRequest request) {
        if (request.decoderResult().isFailure()) {
            return response(HttpResponseStatus.BAD_REQUEST, TEXT, "bad request\n");
        }
        String path = path(request.uri());
        if (path.equals("/drain")) {
            return drain(request);
        }
        if (!path.equals("/health/live") && !path.equals("/health/ready") && !path.equals("/metrics")) {
            return response(HttpResponseStatus.NOT_FOUND, TEXT, "not found\n");
        }
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            return methodNotAllowed("GET, HEAD");
        }
        if (path.equals("/metrics")) {
            return response(HttpResponseStatus.OK, PROMETHEUS, metrics.scrape());
        }
        return health(path.equals("/health/live") ? health.live() : health.ready());
    }

    private FullHttpResponse drain(FullHttpRequest request) {
        HttpMethod method = request.method();
        if (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)) {
            return status();
        }
        if (!method.equals(HttpMethod.POST) && !method.equals(HttpMethod.DELETE)) {
            return methodNotAllowed("GET, HEAD, POST, DELETE");
        }
        if (request.headers().contains(HttpHeaderNames.ORIGIN)) {
            // Browsers name the page that asks: no page on an operator's machine may stop a relay.
            return response(HttpResponseStatus.FORBIDDEN, TEXT, "not from a web page\n");
        }
        if (method.equals(HttpMethod.DELETE)) {
            drain.end();
            return status();
        }
        Map<String, List<String>> parameters = new QueryStringDecoder(request.uri()).parameters();
        if (!Set.of("deadlineSeconds").containsAll(parameters.keySet())) {
            // A mistyped name would be a drain without the deadline that was asked for.
            return response(HttpResponseStatus.BAD_REQUEST, TEXT, "the only parameter is deadlineSeconds\n");
        }
        List<String> deadline = parameters.getOrDefault("deadlineSeconds", List.of());
        if (deadline.size() > 1 || !deadline.stream().allMatch(text -> text.matches("[0-9]{1,5}"))) {
            return response(HttpResponseStatus.BAD_REQUEST, TEXT, "deadlineSeconds must be 0 to 99999\n");
        }
        drain.begin(deadline.stream().findFirst().map(text -> Duration.ofSeconds(Long.parseLong(text))));
        return status();
    }

    private FullHttpResponse status() {
        DrainControl.Status status = drain.status();
        return response(HttpResponseStatus.OK, JSON, "{\"draining\":" + status.draining() + ",\"remainingSeconds\":"
                + status.remaining().map(left -> Long.toString(left.toSeconds())).orElse("null") + ",\"allocations\":"
                + status.allocations() + "}\n");
    }

    private static FullHttpResponse methodNotAllowed(String allowed) {
        FullHttpResponse refused = response(HttpResponseStatus.METHOD_NOT_ALLOWED, TEXT, "method not allowed\n");
        refused.headers().set(HttpHeaderNames.ALLOW, allowed);
        return refused;
    }

    private static String path(String uri) {
        int query = uri.indexOf('?');
        return query < 0 ? uri : uri.substring(0, query);
    }

    private static FullHttpResponse health(Map<String, Health> answers) {
        boolean healthy = answers.values().stream().allMatch(Health::healthy);
        String checks = answers.entrySet().stream().map(
                check -> "{\"name\":" + json(check.getKey()) + ",\"healthy\":" + check.getValue().healthy()
                        + ",\"detail\":" + json(check.getValue().detail()) + '}')
                .collect(Collectors.joining(","));
        return response(healthy ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE, JSON,
                "{\"healthy\":" + healthy + ",\"checks\":[" + checks + "]}\n");
    }

    private static String json(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
            } else if (c < ' ') {
                quoted.append(String.format("\\u%04x", c));
            } else {
                quoted.append((char) c);
            }
        });
        return quoted.append('"').toString();
    }

    private static FullHttpResponse response(HttpResponseStatus status, String type, String text) {
        ByteBuf body = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, type).set(HttpHeaderNames.CACHE_CONTROL,
                HttpHeaderValues.NO_STORE);
        return response;
    }

    /** A broken or silent connection concerns nobody but its client. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
