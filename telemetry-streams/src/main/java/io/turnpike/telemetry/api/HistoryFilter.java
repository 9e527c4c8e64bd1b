package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.telemetry.query.QuotaEvent;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which part of a history is asked for. The cursor holds user, kinds and times of its first page, and the last entry of the page
 * before, so that entries that come or fall out meanwhile move nothing.
 *
 * @param user of this user alone, if one is given
 * @param kinds kinds of entries, all of them if none is named
 * @param from first instant
 * @param to first instant after the range
 * @param before entries before this one, in time
 * @param limit most entries
 */
record HistoryFilter(Optional<String> user, Set<AuditKind> kinds, Optional<Instant> from, Optional<Instant> to,
        Optional<String> before, int limit) {
    private static final String ANY = "";

    static HistoryFilter of(Call call) {
        Optional<String> user = call.userParameter();
        Optional<Set<AuditKind>> kinds = call.parameter("kind").map(HistoryFilter::kinds);
        Optional<Instant> from = call.parameter("from").map(text -> UsageWindow.time("from", text));
        Optional<Instant> to = call.parameter("to").map(text -> UsageWindow.time("to", text));
        if (call.cursor().isPresent()) {
            HistoryFilter held = of(call.cursor().get(), call.limit());
            refuseOther("user", user, held.user());
            refuseOther("kind", kinds, Optional.of(held.kinds()));
            refuseOther("from", from, held.from());
            refuseOther("to", to, held.to());
            return held;
        }
        if (from.isPresent() && to.isPresent() && !from.get().isBefore(to.get())) {
            throw Problem.parameter("from", "must be before to");
        }
        return new HistoryFilter(user, kinds.orElse(Set.of()), from, to, Optional.empty(), call.limit());
    }

    private static HistoryFilter of(Cursor cursor, int limit) {
        return new HistoryFilter(user(cursor), kinds(cursor.text("kind")), time(cursor, "from"), time(cursor, "to"),
                Optional.of(cursor.text("id")), limit);
    }

    private static <T> void refuseOther(String name, Optional<T> given, Optional<T> held) {
        if (given.isPresent() && !given.equals(held)) {
            throw Problem.parameter(name, "is another one than the cursor holds");
        }
    }

    private static Set<AuditKind> kinds(String text) {
        EnumSet<AuditKind> kinds = EnumSet.noneOf(AuditKind.class);
        for (String name : text.equals(ANY) ? new String[0] : text.split(",", -1)) {
            kinds.add(Arrays.stream(AuditKind.values()).filter(kind -> kind.name().equals(name)).findFirst()
                    .orElseThrow(() -> Problem.parameter("kind", "must be some of " + Arrays.stream(AuditKind.values())
                            .map(Enum::name).collect(Collectors.joining(", ")) + ", with commas between them")));
        }
        return kinds;
    }

    private static Optional<String> user(Cursor cursor) {
        return cursor.has("user") ? Optional.of(cursor.text("user")) : Optional.empty();
    }

    private static Optional<Instant> time(Cursor cursor, String field) {
        return cursor.has(field) ? Optional.of(cursor.time(field)) : Optional.empty();
    }

    boolean takes(QuotaEvent event) {
        return (kinds.isEmpty() || kinds.contains(event.kind()))
                && from.map(first -> !event.at().isBefore(first)).orElse(true)
                && to.map(end -> event.at().isBefore(end)).orElse(true)
                && before.map(id -> event.id().compareTo(id) < 0).orElse(true);
    }

    /** The place of an entry, behind which the next page begins. */
    ObjectNode place(QuotaEvent last) {
        ObjectNode place = Json.object().put("id", last.id()).put("kind",
                kinds.stream().map(Enum::name).collect(Collectors.joining(",")));
        user.ifPresent(id -> place.put("user", id));
        from.ifPresent(first -> place.put("from", first.toString()));
        to.ifPresent(end -> place.put("to", end.toString()));
        return place;
    }
}
