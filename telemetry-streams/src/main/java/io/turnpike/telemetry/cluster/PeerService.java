package io.turnpike.telemetry.cluster;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.HttpServiceWithRoutes;
import com.linecorp.armeria.server.Route;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers other instances from the stores of this one, and never asks further: a question takes one hop at most. Only
 * instances of this cluster are answered.
 */
final class PeerService implements HttpServiceWithRoutes {
    /** Where it is served, on the port of the API. */
    static final String PATH = "/internal/v1/partitions";
    /** The header with the proof of {@link PeerKey}. */
    static final String PROOF = "turnpike-instance";
    /** Longest wait for the stores, whatever the asking instance says. */
    private static final Duration MOST = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(PeerService.class);

    private final PeerKey key;
    private final Function<String, QuestionKind<?, ?>> kinds;
    private final LocalReaders readers;

    /** @param kinds finds a kind of question by its name, null if there is none */
    PeerService(PeerKey key, Function<String, QuestionKind<?, ?>> kinds, LocalReaders readers) {
        this.key = key;
        this.kinds = kinds;
        this.readers = readers;
    }

    @Override
    public Set<Route> routes() {
        return Set.of(Route.builder().methods(HttpMethod.POST).path(PATH).build());
    }

    @Override
    public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
        return HttpResponse.of(request.aggregate().thenCompose(whole -> {
            byte[] body = whole.content().array();
            return key.isProven(whole.headers().get(PROOF), body)
                    ? answer(body)
                    : CompletableFuture.completedFuture(HttpResponse.of(HttpStatus.UNAUTHORIZED));
        }).exceptionally(failure -> {
            LOG.error("a question of another instance failed", failure);
            return HttpResponse.of(HttpStatus.INTERNAL_SERVER_ERROR);
        }));
    }

    private CompletableFuture<HttpResponse> answer(byte[] body) {
        try {
            PeerMessages.Request request = PeerMessages.read(body, PeerMessages.Request.class);
            QuestionKind<?, ?> kind = kinds.apply(request.kind());
            return kind == null // of a newer version
                    ? CompletableFuture.completedFuture(HttpResponse.of(HttpStatus.NOT_FOUND))
                    : answer(kind, request);
        } catch (IOException e) {
            return CompletableFuture.completedFuture(HttpResponse.of(HttpStatus.BAD_REQUEST));
        }
    }

    private <Q extends Record, A extends Record> CompletableFuture<HttpResponse> answer(QuestionKind<Q, A> kind,
            PeerMessages.Request request) throws IOException {
        Q question = PeerMessages.read(request.question(), kind.question());
        Duration asked = Duration.ofMillis(request.budgetMillis() * 9 / 10); // the rest is for the way back
        return readers.read(kind, question, request.partitions(), asked.compareTo(MOST) < 0 ? asked : MOST)
                .thenApply(found -> HttpResponse.of(HttpStatus.OK, MediaType.JSON,
                        HttpData.wrap(PeerMessages.bytes(response(found)))));
    }

    private static <A extends Record> PeerMessages.Response response(Found<A> found) {
        Map<Integer, PeerMessages.RawPart> parts = new TreeMap<>();
        found.parts().forEach((partition, part) -> parts.put(partition,
                new PeerMessages.RawPart(PeerMessages.tree(part.answer()), part.copyAsOf())));
        return new PeerMessages.Response(parts, found.away());
    }
}
