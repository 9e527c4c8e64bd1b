package io.turnpike.telemetry.api;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A long body, made piece by piece: the next piece is made when the client has taken the last one, so that a slow client
 * costs one piece of memory and no thread. If a piece cannot be made the response is cut off in the middle, which every
 * client sees; a body that ends is whole.
 */
final class StreamedBody {
    private static final Logger LOG = LoggerFactory.getLogger(StreamedBody.class);
    /** A client that does not take a piece for this long is given up. */
    private static final Duration MOST_PER_PIECE = Duration.ofSeconds(60);

    private final Pieces pieces;
    private final ServiceRequestContext context;
    private final HttpResponseWriter writer;

    /** Makes the pieces in order. */
    @FunctionalInterface
    interface Pieces {
        /** The next piece, empty at the end; may block, and throws if it cannot be made. */
        Optional<HttpData> next();
    }

    private StreamedBody(Pieces pieces, ServiceRequestContext context, HttpResponseWriter writer) {
        this.pieces = pieces;
        this.context = context;
        this.writer = writer;
    }

    static HttpResponse send(ResponseHeaders headers, Pieces pieces, ServiceRequestContext context) {
        HttpResponseWriter writer = HttpResponse.streaming();
        writer.write(headers);
        StreamedBody body = new StreamedBody(pieces, context, writer);
        writer.whenConsumed().thenRunAsync(body::sendNext, context.blockingTaskExecutor());
        return writer;
    }

    private void sendNext() {
        if (!writer.isOpen()) {
            return; // the client went away
        }
        context.setRequestTimeout(com.linecorp.armeria.common.util.TimeoutMode.SET_FROM_NOW, MOST_PER_PIECE);
        try {
            Optional<HttpData> piece = pieces.next();
            if (piece.isEmpty()) {
                writer.close();
            } else if (writer.tryWrite(piece.get())) {
                writer.whenConsumed().thenRunAsync(this::sendNext, context.blockingTaskExecutor());
            }
        } catch (RuntimeException e) {
            LOG.warn("a streamed answer is cut off path={}", context.path(), e);
            writer.close(e);
        }
    }
}
