package io.turnpike.telemetry.cluster;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Asks other instances. Thread-safe. */
final class PeerClient {
    /** A host that does not even answer to a connection is gone: its copies are asked. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofMillis(300);

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT).build();
    private final PeerKey key;

    PeerClient(PeerKey key) {
        this.key = key;
    }

    /**
     * Asks an instance about partitions.
     *
     * @return fails if the instance cannot be reached, refuses, or does not answer within the budget
     */
    <Q extends Record, A extends Record> CompletableFuture<Found<A>> ask(Instance instance, QuestionKind<Q, A> kind,
            Q question, Collection<Integer> partitions, Duration budget) {
        byte[] body = PeerMessages.bytes(new PeerMessages.Request(kind.name(), List.copyOf(partitions),
                Math.max(1, budget.toMillis()), PeerMessages.tree(question)));
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + instance.authority() + PeerService.PATH))
                .timeout(budget).header(PeerService.PROOF, key.prove(body)).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(body)).build();
        return http.sendAsync(request, BodyHandlers.ofByteArray()).thenApply(answer -> found(kind, answer));
    }

    private static <Q extends Record, A extends Record> Found<A> found(QuestionKind<Q, A> kind,
            HttpResponse<byte[]> answer) {
        if (answer.statusCode() != 200) {
            throw new PartitionAway("the instance answered " + answer.statusCode());
        }
        try {
            PeerMessages.Response response = PeerMessages.read(answer.body(), PeerMessages.Response.class);
            return new Found<>(PeerMessages.parts(response, kind.answer()), response.away());
        } catch (IOException e) {
            throw new PartitionAway("the answer cannot be read: " + e.getMessage());
        }
    }
}
