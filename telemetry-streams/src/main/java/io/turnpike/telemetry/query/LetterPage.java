package io.turnpike.telemetry.query;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A page of dead letters, newest first.
 *
 * @param letters without their values
 * @param next where the next page goes on; empty at the end
 */
public record LetterPage(List<Letter> letters, Optional<After> next) {
    /** The last letter of a page. */
    public record After(Instant at, Letter.Id id) {
        static After of(Letter letter) {
            return new After(letter.at(), letter.id());
        }
    }

    /**
     * Which letters.
     *
     * @param since not put aside before this
     * @param topic of records of this topic only
     * @param reason put aside for this reason only
     */
    public record Filter(Instant since, Optional<String> topic, Optional<String> reason) {
        boolean takes(Letter letter) {
            return !letter.at().isBefore(since) && topic.map(letter.origin().topic()::equals).orElse(true)
                    && reason.map(letter.cause().reason()::equals).orElse(true);
        }
    }
}
