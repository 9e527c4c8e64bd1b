package io.turnpike.telemetry.api;

import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.Freshness;
import io.turnpike.telemetry.query.Letter;
import io.turnpike.telemetry.query.LetterPage;
import io.turnpike.telemetry.query.LetterQueries;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Dead letters in a list, newest first. */
final class FakeLetters implements LetterQueries {
    private final List<Letter> letters = new ArrayList<>();
    private final Set<Letter.Id> replayed = new HashSet<>();
    LetterPage.Filter lastFilter;
    String lastReplayedBy;

    synchronized void clear() {
        letters.clear();
        replayed.clear();
    }

    synchronized void add(Letter letter) {
        letters.add(0, letter);
    }

    @Override
    public synchronized Answer<LetterPage> letters(LetterPage.Filter filter, int limit,
            Optional<LetterPage.After> after) {
        lastFilter = filter;
        int from = after.map(place -> letters.stream().map(Letter::id).toList().indexOf(place.id()) + 1).orElse(0);
        List<Letter> page = letters.subList(from, Math.min(letters.size(), from + limit));
        boolean more = from + limit < letters.size();
        return answer(new LetterPage(List.copyOf(page), more
                ? Optional.of(new LetterPage.After(page.get(limit - 1).at(), page.get(limit - 1).id()))
                : Optional.empty()));
    }

    @Override
    public synchronized Answer<Optional<Letter>> letter(Letter.Id id) {
        return answer(letters.stream().filter(letter -> letter.id().equals(id)).findFirst());
    }

    @Override
    public synchronized ReplayOutcome replay(Letter.Id id, String by, boolean force) {
        lastReplayedBy = by;
        Optional<Letter> letter = letter(id).value();
        if (letter.isEmpty()) {
            return new ReplayOutcome.Unknown();
        }
        return replayed.add(id) || force
                ? new ReplayOutcome.Sent(letter.get().origin().topic(), letter.get().origin().partition(), 100)
                : new ReplayOutcome.Refused("it was sent again before; force sends it once more");
    }

    private static <T> Answer<T> answer(T value) {
        return new Answer<>(value, Freshness.complete(Instant.EPOCH, 0));
    }
}
