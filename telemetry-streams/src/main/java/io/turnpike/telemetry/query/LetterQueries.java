package io.turnpike.telemetry.query;

import java.util.Optional;

/** The dead letters, and the way back for them. */
public interface LetterQueries {
    /**
     * Letters, newest first. The answer is incomplete if there are more than can be looked through.
     *
     * @param limit most letters of the page
     * @throws StoreUnavailable if Kafka does not answer
     */
    Answer<LetterPage> letters(LetterPage.Filter filter, int limit, Optional<LetterPage.After> after);

    /**
     * One letter with its bytes. The answer is incomplete if it was not found out whether it was sent again.
     *
     * @throws StoreUnavailable if Kafka does not answer
     */
    Answer<Optional<Letter>> letter(Letter.Id id);

    /**
     * Sends the record of a letter to where it came from: its bytes, key and headers to its topic and partition, together
     * with a mark that this was done.
     *
     * @param by who asks
     * @param force also if it was sent before
     * @throws StoreUnavailable if Kafka does not answer, or the same is under way elsewhere; nothing was sent then
     */
    ReplayOutcome replay(Letter.Id id, String by, boolean force);

    /** What became of it. */
    sealed interface ReplayOutcome permits ReplayOutcome.Sent, ReplayOutcome.Unknown, ReplayOutcome.Refused {
        /** It was sent, and lies there now. */
        record Sent(String topic, int partition, long offset) implements ReplayOutcome {}

        /** There is no such letter (any more). */
        record Unknown() implements ReplayOutcome {}

        /** It was not sent. */
        record Refused(String reason) implements ReplayOutcome {}
    }
}
