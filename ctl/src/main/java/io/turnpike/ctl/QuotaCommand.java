package io.turnpike.ctl;

import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctl quota}: how much a tenant may relay. */
@Command(name = "quota", description = "Show and change quotas, and see where a tenant stands.")
final class QuotaCommand {

    private static final List<String> FIELDS = List.of("mode", "period", "timeZone", "anchor", "volumeBytes",
            "userVolumeBytes", "rateBitsPerSecond", "userRateBitsPerSecond", "allocationRateBitsPerSecond",
            "maxAllocations", "maxAllocationsPerUser", "onControlLoss", "safeRateBitsPerSecond", "graceBytes",
            "warnPercents",
            "tailPercent");

    @Command(description = "Show the policy.")
    void get(@Mixin Session session, @Parameters(paramLabel = "TENANT") String tenant) {
        printPolicy(session, session.api().get(Path.of("tenants", tenant, "quota")).body());
    }

    @Command(description = {"Change the policy: what is not given stays as it is.",
        "Limits are whole numbers with K, M, G, T (1000) or Ki, Mi, Gi, Ti (1024), or none."})
    void put(@Mixin Session session, @Parameters(paramLabel = "TENANT") String tenant,
            @Option(names = "--mode", paramLabel = "OFF|SHADOW|SOFT|HARD", description = "OFF counts, SHADOW also follows the state, SOFT also refuses new allocations at the volume, HARD relays nothing beyond it.") String mode,
            @Option(names = "--period", paramLabel = "DAY|MONTH", description = "What the volumes are for.") String period,
            @Option(names = "--time-zone", paramLabel = "ZONE", description = "In which periods begin, such as Europe/Berlin.") String timeZone,
            @Option(names = "--anchor", paramLabel = "DAY|HOUR", converter = Limit.Converter.class, description = "Day of a month or hour of a day at which periods begin, or none for the calendar's.") Limit anchor,
            @Option(names = "--volume", paramLabel = "BYTES", converter = Limit.Converter.class, description = "Of the tenant in a period.") Limit volume,
            @Option(names = "--user-volume", paramLabel = "BYTES", converter = Limit.Converter.class, description = "Of each user in a period.") Limit userVolume,
            @Option(names = "--rate", paramLabel = "BIT/S", converter = Limit.Converter.class, description = "Under HARD, of the tenant over all relays together.") Limit rate,
            @Option(names = "--user-rate", paramLabel = "BIT/S", converter = Limit.Converter.class, description = "Under HARD, of each user on each relay.") Limit userRate,
            @Option(names = "--allocation-rate", paramLabel = "BIT/S", converter = Limit.Converter.class, description = "Under HARD, of each allocation.") Limit allocationRate,
            @Option(names = "--max-allocations", paramLabel = "N", converter = Limit.Converter.class, description = "Under HARD, concurrent ones of the tenant over all relays together.") Limit maxAllocations,
            @Option(names = "--max-allocations-per-user", paramLabel = "N", converter = Limit.Converter.class, description = "Under HARD, the same of each user.") Limit maxAllocationsPerUser,
            @Option(names = "--on-control-loss", paramLabel = "STOP|SAFE_RATE|ALLOW", description = "What a relay does under HARD when its credit is spent and no answer comes: relay nothing (STOP), go on slowly for a while, go on.") String onControlLoss,
            @Option(names = "--safe-rate", paramLabel = "BIT/S", converter = Limit.Converter.class, description = "Under SAFE_RATE, of the tenant on one relay (1M).") Limit safeRate,
            @Option(names = "--grace", paramLabel = "BYTES", converter = Limit.Converter.class, description = "Under SAFE_RATE, beyond the grants of one relay in a period (64Mi).") Limit grace,
            @Option(names = "--warn-at", paramLabel = "PERCENTS", converter = Percents.Converter.class, description = "Percents of the volume, such as 80,95, or none.") Percents warnAt,
            @Option(names = "--tail", paramLabel = "PERCENT", converter = Limit.Converter.class, description = "Percent of the volume for the trickle of live allocations.") Limit tail) {
        Path path = Path.of("tenants", tenant, "quota");
        Optional<Answer> before = Optional.of(session.api().get(path));
        Overlay overlay = new Overlay(before, FIELDS).with("mode", mode).with("period", period)
                .with("timeZone", timeZone).with("anchor", isOfOld(anchor, period, before.get()) ? Limit.NONE : anchor)
                .with("volumeBytes", volume).with("userVolumeBytes", userVolume).with("rateBitsPerSecond", rate)
                .with("userRateBitsPerSecond", userRate).with("allocationRateBitsPerSecond", allocationRate)
                .with("maxAllocations", maxAllocations).with("maxAllocationsPerUser", maxAllocationsPerUser)
                .with("onControlLoss", onControlLoss).with("safeRateBitsPerSecond", safeRate)
                .with("graceBytes", grace).with("warnPercents", warnAt).with("tailPercent", tail);
        printPolicy(session, session.api().put(path, overlay.body(), before).body());
    }

    private static void printPolicy(Session session, JsonNode policy) {
        session.print(policy, QuotaCommand::policy);
        if (policy.path("mode").asText().equals("HARD") && policy.path("onControlLoss").asText().equals("SAFE_RATE")) {
            session.done("without control each relay goes on at " + Table.text(policy.path("safeRateBitsPerSecond"))
                    + " bit/s, until it has used " + Table.text(policy.path("graceBytes")) + " bytes in the period");
        }
        sayIfIdle(session, policy.path("capsEnforced"));
    }

    private static void sayIfIdle(Session session, JsonNode capsEnforced) {
        if (capsEnforced.isBoolean() && !capsEnforced.booleanValue()) {
            session.done("caps of rates and allocations are not in force: only HARD enforces them");
        }
    }

    /** A day of the month means nothing as an hour of the day, so another length leaves the anchor behind. */
    private static boolean isOfOld(Limit anchor, String period, Answer before) {
        return anchor == null && period != null && !period.equals(before.body().path("period").asText());
    }

    @Command(description = "Show what is used, granted and left in the running period.")
    void status(@Mixin Session session, @Parameters(paramLabel = "TENANT") String tenant,
            @Option(names = "--user", paramLabel = "USER", description = "Of one of its users.") String user) {
        Path path = user == null
                ? Path.of("tenants", tenant, "quota", "status")
                : Path.of("tenants", tenant, "users", user, "quota");
        JsonNode answer = session.api().get(path).body();
        session.print(answer, QuotaCommand::standing);
        if (!answer.path("shares").path("nodes").isEmpty()) {
            session.printMore(answer, QuotaCommand::shares);
        }
        sayIfIdle(session, answer.path("shares").path("enforced"));
    }

    @Command(description = "Show what was decided on a tenant, newest first.")
    void history(@Mixin Session session, @Parameters(paramLabel = "TENANT") String tenant,
            @Option(names = "--users", description = "On the quotas of its users.") boolean users,
            @Option(names = "--user", paramLabel = "USER", description = "On that of one of its users.") String user,
            @Option(names = "--kind", paramLabel = "KINDS", description = "Such as STATE_CHANGED,ALARM.") String kind,
            @Mixin Range range, @Mixin Page page) {
        boolean ofUsers = users || user != null;
        Path path = ofUsers
                ? Path.of("tenants", tenant, "quota", "history", "users").with("user", user)
                : Path.of("tenants", tenant, "quota", "history");
        session.print(session.api().get(path.with("kind", kind).with(range).with(page)).body(),
                ofUsers ? QuotaCommand::usersDecisions : QuotaCommand::decisions);
    }

    private static Table usersDecisions(JsonNode history) {
        Table table = new Table("AT", "USER", "KIND", "FROM", "TO", "USED BYTES", "REASON");
        history.path("events").forEach(event -> table.row(event.path("at"), event.path("user"), event.path("kind"),
                state(event.path("fromState")), state(event.path("toState")), event.path("usedBytes"),
                decision(event)));
        return table;
    }

    private static Table decisions(JsonNode history) {
        Table table = new Table("AT", "KIND", "ACTOR", "FROM", "TO", "USED BYTES", "REASON");
        history.path("events").forEach(event -> table.row(event.path("at"), event.path("kind"), event.path("actor"),
                state(event.path("fromState")), state(event.path("toState")), event.path("usedBytes"),
                decision(event)));
        return table;
    }

    private static String decision(JsonNode event) {
        StringJoiner changes = new StringJoiner(", ", ": ", "").setEmptyValue("");
        event.path("changes").forEach(change -> changes.add(Table.text(change.path("field")) + ' '
                + value(change.path("before")) + " to " + value(change.path("after"))));
        String reason = Table.text(event.path("reason"));
        boolean isOfUser = event.path("command").asText().equals("REVOKE_CREDENTIAL");
        return (isOfUser ? reason + ": " + Table.text(event.path("subject")) : reason) + changes;
    }

    private static String value(JsonNode json) {
        return json.asText().equals("null") ? "none" : Table.text(json);
    }

    private static String state(JsonNode state) {
        return state.asText().equals("UNKNOWN") ? "-" : Table.text(state);
    }

    @Command(name = "what-if", description = {
        "Hold a quota that nobody has yet against recorded usage: who would have been cut, and when.",
        "It changes nothing."})
    void whatIf(@Mixin Session session, @Parameters(paramLabel = "TENANT") String tenant,
            @Option(names = "--volume", paramLabel = "BYTES", converter = Limit.Converter.class, description = "Of the tenant in a period.") Limit volume,
            @Option(names = "--user-volume", paramLabel = "BYTES", converter = Limit.Converter.class, description = "Of each user in a period.") Limit userVolume,
            @Option(names = "--period", paramLabel = "DAY|MONTH", description = "What the volumes are for (MONTH).") String period,
            @Option(names = "--time-zone", paramLabel = "ZONE", description = "In which periods begin (UTC).") String timeZone,
            @Option(names = "--anchor", paramLabel = "DAY|HOUR", converter = Limit.Converter.class, description = "Day of a month or hour of a day at which periods begin.") Limit anchor,
            @Option(names = "--from", paramLabel = "TIME", description = "RFC 3339; the previous month, or 30 days, by default.") String from,
            @Option(names = "--to", paramLabel = "TIME", description = "RFC 3339; now by default.") String to,
            @Option(names = "--users", paramLabel = "N", converter = Limit.Converter.class, description = "Look at so many of the heaviest users (20).") Limit users) {
        Overlay question = new Overlay(Optional.empty(), List.of()).with("volumeBytes", volume)
                .with("userVolumeBytes", userVolume).with("period", period).with("timeZone", timeZone)
                .with("anchor", anchor)
                .with("from", from).with("to", to).with("users", users);
        JsonNode answer = session.api().post(Path.of("tenants", tenant, "quota", "what-if"), question.body()).body();
        session.print(answer, WhatIf::periods);
        if (!answer.path("users").path("cut").isEmpty()) {
            session.printMore(answer, WhatIf::users);
        }
        session.done(WhatIf.scope(answer));
    }

    private static Table shares(JsonNode status) {
        Table table = new Table("NODE", "SHARE BIT/S", "DEMAND BIT/S", "SLOTS", "ALLOCATIONS");
        JsonNode shares = status.path("shares");
        shares.path("nodes").forEach(node -> table.row(node.path("node"),
                shares.hasNonNull("rateBitsPerSecond") ? node.path("rateBitsPerSecond") : "-",
                node.path("demandBitsPerSecond"),
                shares.hasNonNull("maxAllocations") ? node.path("slots") : "-", node.path("allocations")));
        return table;
    }

    private static Table policy(JsonNode quota) {
        return new Table("MODE", "PERIOD", "ZONE", "ANCHOR", "VOLUME BYTES", "USER VOLUME", "BIT/S", "USER BIT/S",
                "ALLOCATION BIT/S", "ALLOCATIONS",
                "PER USER", "CONTROL LOST",
                "WARN AT %", "TAIL %", "ORIGIN")
                .row(quota.path("mode"), quota.path("period"), quota.path("timeZone"),
                        quota.path("anchor"), quota.path("volumeBytes"), quota.path("userVolumeBytes"),
                        quota.path("rateBitsPerSecond"), quota.path("userRateBitsPerSecond"),
                        quota.path("allocationRateBitsPerSecond"),
                        quota.path("maxAllocations"), quota.path("maxAllocationsPerUser"),
                        quota.path("onControlLoss"), Percents.text(quota.path("warnPercents")),
                        quota.path("tailPercent"), quota.path("default").asBoolean() ? "default" : "own");
    }

    private static Table standing(JsonNode status) {
        return new Table("MODE", "STATE", "USED BYTES", "GRANTED BYTES", "REMAINING BYTES", "OVERSHOOT BOUND",
                "SURVIVES", "PERIOD",
                "ENDS", "EXHAUSTED BY", "EARLIEST")
                .row(status.path("mode"), status.path("state"), status.path("usedBytes"),
                        status.path("grantedBytes"), status.path("remainingBytes"),
                        bound(status), survives(status.path("controlLoss")), status.path("periodStart"),
                        status.path("periodEnd"), projected(status.path("projection")),
                        status.path("projection").path("earliest"));
    }

    /** Most bytes beyond the volume; a hard quota that goes on without control has none. */
    private static String bound(JsonNode status) {
        boolean unbounded = status.path("mode").asText().equals("HARD") && status.hasNonNull("limitBytes")
                && !status.hasNonNull("overshootBoundBytes");
        return unbounded ? "unbounded" : Table.text(status.path("overshootBoundBytes"));
    }

    /** How long the grants last without control. */
    private static String survives(JsonNode controlLoss) {
        if (!controlLoss.hasNonNull("survivesSeconds")) {
            return Table.text(controlLoss.path("survivesSeconds"));
        }
        long seconds = controlLoss.path("survivesSeconds").asLong();
        return seconds / 60 + " min " + seconds % 60 + " s";
    }

    /** The projected time, or why there is none. */
    private static String projected(JsonNode projection) {
        return Table.text(projection.hasNonNull("exhaustedAt")
                ? projection.path("exhaustedAt")
                : projection.path("outlook"));
    }
}
