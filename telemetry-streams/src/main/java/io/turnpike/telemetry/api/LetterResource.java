package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpStatus;
import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.Freshness;
import io.turnpike.telemetry.query.Letter;
import io.turnpike.telemetry.query.LetterPage;
import io.turnpike.telemetry.query.LetterQueries;
import io.turnpike.telemetry.query.LetterQueries.ReplayOutcome;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;

/** Dead letters: what the stream put aside, and sending it again. */
final class LetterResource {
    private static final Set<String> REASONS = Set.of("unreadable", "nonsense", "failed", "unsendable");

    private final LetterQueries letters;

    LetterResource(LetterQueries letters) {
        this.letters = letters;
    }

    Reply list(Call call) {
        Optional<String> reason = call.parameter("reason");
        reason.filter(text -> !REASONS.contains(text)).ifPresent(text -> {
            throw Problem.parameter("reason", "must be unreadable, nonsense, failed or unsendable");
        });
        Answer<LetterPage> answer = letters.letters(
                new LetterPage.Filter(since(call), call.parameter("topic"), reason), call.limit(),
                call.cursor().map(LetterResource::after));
        ObjectNode body = Json.object();
        ArrayNode list = body.putArray("deadLetters");
        answer.value().letters().forEach(letter -> list.add(summary(letter)));
        body.put("nextCursor",
                answer.value().next().map(LetterResource::place).map(call.cursors()::write).orElse(null));
        return Reply.ok(body, answer.freshness());
    }

    Reply one(Call call) {
        Answer<Optional<Letter>> answer = letters.letter(id(call));
        Letter letter = answer.value().orElseThrow(LetterResource::unknown);
        ObjectNode body = summary(letter);
        body.put("keyBase64", letter.key().map(LetterResource::base64).orElse(null))
                .put("valueBase64", letter.value().map(LetterResource::base64).orElse(null));
        ArrayNode headers = body.putArray("headers");
        letter.headers().forEach(header -> headers.addObject().put("name", header.name()).put("valueBase64",
                base64(header.value())));
        body.put("recordType", letter.content().map(Letter.Content::type).orElse(null)).put("record",
                letter.content().map(Letter.Content::json).orElse(null));
        return Reply.ok(body, answer.freshness());
    }

    Reply replay(Call call) {
        Letter.Id id = id(call);
        boolean force = call.body().length > 0 && Body.parse(call.body(), "force").flag("force").orElse(false);
        ReplayOutcome outcome = letters.replay(id, call.caller().name(), force);
        if (outcome instanceof ReplayOutcome.Sent sent) {
            return Reply.json(HttpStatus.OK, Json.fresh(Json.object().put("id", id.toString())
                    .put("topic", sent.topic()).put("partition", sent.partition()).put("offset", sent.offset()),
                    Freshness.complete(call.now(), 0)));
        }
        throw outcome instanceof ReplayOutcome.Refused refused
                ? Problem.of(Problem.Kind.CONFLICT, refused.reason())
                : unknown();
    }

    private static ObjectNode summary(Letter letter) {
        Letter.Origin origin = letter.origin();
        ObjectNode node = Json.object().put("id", letter.id().toString()).put("at", Json.time(letter.at()))
                .put("reason", letter.cause().reason()).put("error", letter.cause().error())
                .put("message", letter.cause().message()).put("step", letter.cause().step())
                .put("topic", origin.topic()).put("partition", origin.partition()).put("offset", origin.offset());
        Json.put(node, "timestamp", origin.timestamp());
        node.put("application", origin.application())
                .put("key", letter.key().flatMap(LetterResource::text).orElse(null))
                .put("valueBytes", letter.valueBytes()).put("whole", letter.whole());
        Json.put(node, "replayedAt", letter.replay().map(Letter.Replay::at));
        node.put("replayedBy", letter.replay().map(Letter.Replay::by).orElse(null));
        return node;
    }

    private static Letter.Id id(Call call) {
        return Letter.Id.parse(call.path().get("letter"))
                .orElseThrow(() -> Problem.parameter("letter", "is a partition and an offset, such as 0-17"));
    }

    private static Instant since(Call call) {
        return call.parameter("since").map(text -> UsageWindow.time("since", text)).orElse(Instant.EPOCH);
    }

    private static LetterPage.After after(Cursor place) {
        return new LetterPage.After(place.time("at"),
                Letter.Id.parse(place.text("letter")).orElseThrow(Cursor::foreign));
    }

    private static ObjectNode place(LetterPage.After after) {
        return Json.object().put("at", after.at().toString()).put("letter", after.id().toString());
    }

    /** The bytes as text, if they are UTF-8. */
    private static Optional<String> text(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static Problem unknown() {
        return Problem.of(Problem.Kind.NOT_FOUND, "there is no such dead letter (any more)");
    }
}
