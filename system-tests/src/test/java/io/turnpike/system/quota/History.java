package io.turnpike.system.quota;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What happened in a run, in order, for whoever looks into a failing seed. Kept only where it is asked for. */
final class History {
    private final Agenda agenda;
    private final boolean kept;
    private final List<String> lines = new ArrayList<>();

    History(Agenda agenda, boolean kept) {
        this.agenda = agenda;
        this.kept = kept;
    }

    void note(Supplier<String> event) {
        if (kept) {
            Duration at = Duration.ofNanos(agenda.nowNanos());
            lines.add(String.format("%5d.%06d  %s", at.toSeconds(), at.toNanosPart() / 1_000, event.get()));
        }
    }

    List<String> lines() {
        return List.copyOf(lines);
    }
}
