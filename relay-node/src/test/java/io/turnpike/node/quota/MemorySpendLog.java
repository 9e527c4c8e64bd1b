package io.turnpike.node.quota;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A spend log whose disk the test holds in its hand. */
final class MemorySpendLog implements SpendLog {
    private record Written(Page page, Consumer<Outcome> done) {}

    private final Optional<Page> inherited;
    private final List<Written> waiting = new ArrayList<>();
    Page onDisk = Page.EMPTY;
    Outcome outcome = Outcome.WRITTEN;
    boolean slow;
    int writes;

    MemorySpendLog(Optional<Page> inherited) {
        this.inherited = inherited;
        inherited.ifPresent(page -> onDisk = page);
    }

    static MemorySpendLog fresh() {
        return new MemorySpendLog(Optional.of(Page.EMPTY));
    }

    /** What the next process of the node finds. */
    MemorySpendLog next() {
        return new MemorySpendLog(Optional.of(onDisk));
    }

    @Override
    public Optional<Page> inherited() {
        return inherited;
    }

    @Override
    public void write(Page page, Consumer<Outcome> done) {
        waiting.add(new Written(page, done));
        if (!slow) {
            finish();
        }
    }

    /** The disk has done what it was told. */
    void finish() {
        List<Written> all = List.copyOf(waiting);
        waiting.clear();
        for (Written each : all) {
            writes++;
            if (outcome == Outcome.WRITTEN) {
                onDisk = each.page;
            } else if (outcome == Outcome.NOTHING_KEPT) {
                onDisk = Page.EMPTY;
            }
            each.done.accept(outcome);
        }
    }
}
