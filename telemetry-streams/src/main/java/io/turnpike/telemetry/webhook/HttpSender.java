package io.turnpike.telemetry.webhook;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.ResponseTimeoutException;
import com.linecorp.armeria.client.UnprocessedRequestException;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.SplitHttpResponse;
import com.linecorp.armeria.common.util.EventLoopGroups;
import com.linecorp.armeria.common.util.TransportType;
import io.netty.channel.EventLoopGroup;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.turnpike.contract.WebhookRules;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Sends one signed request and tells what came of it. The other side is not trusted: time, headers and body are bounded,
 * nothing of the body is kept, redirects are not followed, and connections are made to allowed addresses only. HTTP/1.1, so
 * that every receiver understands. Thread-safe; never blocks.
 */
final class HttpSender implements AutoCloseable {
    private static final String USER_AGENT = "turnpike-webhooks";
    private static final int MOST_BODY_BYTES = 64 * 1024;
    private static final int MOST_HEADER_BYTES = 8 * 1024;
    private static final int THREADS = 2;
    private static final Duration IDLE = Duration.ofSeconds(30);
    private static final long MOST_RETRY_AFTER_SECONDS = 86_400;

    private final EventLoopGroup loops = EventLoopGroups.newEventLoopGroup(THREADS, "webhook-http", true);
    private final TargetRules rules;
    private final Duration timeout;
    private final ClientFactory factory;

    HttpSender(TargetRules rules, Duration timeout) {
        this.rules = rules;
        this.timeout = timeout;
        this.factory = ClientFactory.builder().workerGroup(loops, false).connectTimeout(timeout).idleTimeout(IDLE)
                .useHttp2Preface(false).http1MaxHeaderSize(MOST_HEADER_BYTES)
                .addressResolverGroupFactory(group -> new CheckedAddresses(
                        new DnsAddressResolverGroup(new DnsNameResolverBuilder()
                                .datagramChannelType(TransportType.datagramChannelType(loops))
                                .queryTimeoutMillis(timeout.toMillis())),
                        rules))
                .build();
    }

    /**
     * Posts a body.
     *
     * @param signature value of {@code webhook-signature}
     * @return what came of it; never fails
     */
    CompletionStage<Attempt> post(URI url, String id, long epochSeconds, String signature, byte[] body) {
        Optional<String> refusal = rules.refusal(url);
        if (refusal.isPresent()) {
            return CompletableFuture.completedFuture(Attempt.failed("url " + refusal.get()));
        }
        try {
            String scheme = WebhookRules.isPlain(url) ? "h1c" : "h1";
            WebClient client = WebClient.builder(scheme + "://" + url.getRawAuthority()).factory(factory)
                    .responseTimeout(timeout).writeTimeout(timeout).maxResponseLength(MOST_BODY_BYTES).build();
            RequestHeaders headers = RequestHeaders.builder(HttpMethod.POST, target(url)).contentType(MediaType.JSON)
                    .set(HttpHeaderNames.USER_AGENT, USER_AGENT).set("webhook-id", id)
                    .set("webhook-timestamp", Long.toString(epochSeconds)).set("webhook-signature", signature)
                    .build();
            return outcome(client.execute(HttpRequest.of(headers, HttpData.wrap(body))));
        } catch (RuntimeException e) {
            return CompletableFuture.completedFuture(Attempt.failed(message(e)));
        }
    }

    private static String target(URI url) {
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        return url.getRawQuery() == null ? path : path + '?' + url.getRawQuery();
    }

    /** The status decides; a body that does not end, or is too long, changes nothing, and ends with the time-out. */
    private static CompletionStage<Attempt> outcome(HttpResponse response) {
        SplitHttpResponse split = response.split();
        return split.headers()
                .handle((headers, failure) -> failure == null
                        ? Attempt.answered(headers.status().code(), retryAfter(headers))
                        : Attempt.failed(message(failure)))
                .thenCompose(attempt -> split.body().collect().handle((body, failure) -> attempt));
    }

    private static Optional<Duration> retryAfter(ResponseHeaders headers) {
        String text = headers.get(HttpHeaderNames.RETRY_AFTER, "");
        return text.matches("[0-9]{1,5}")
                ? Optional.of(Duration.ofSeconds(Math.min(MOST_RETRY_AFTER_SECONDS, Long.parseLong(text))))
                : Optional.empty();
    }

    /** For people, and without anything that the endpoint wrote. */
    private static String message(Throwable thrown) {
        Throwable cause = thrown;
        while ((cause instanceof CompletionException || cause instanceof UnprocessedRequestException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof ResponseTimeoutException) {
            return "no answer in time";
        }
        if (cause instanceof CheckedAddresses.Forbidden) {
            return cause.getMessage();
        }
        if (cause instanceof ContentTooLargeException) {
            return "the answer is too long";
        }
        return cause.getClass().getSimpleName();
    }

    /** Gives up what is under way. */
    @Override
    public void close() {
        factory.closeAsync().whenComplete((done, failure) -> loops.shutdownGracefully(0, 1, TimeUnit.SECONDS));
    }
}
