package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.Freshness;
import io.turnpike.telemetry.query.Step;
import io.turnpike.telemetry.query.TimeRange;
import io.turnpike.telemetry.query.UsageQueries;
import io.turnpike.telemetry.query.UsageSeries;
import io.turnpike.telemetry.query.UserPage;
import io.turnpike.telemetry.query.UserSort;
import io.turnpike.telemetry.query.UserUsage;
import io.turnpike.telemetry.query.WhatIf;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Tells what a proposed quota would have done. Its work is bounded: one series of the tenant, one ranking of its users by
 * days, and one series for each of the heaviest users until their number or the time is up.
 */
final class WhatIfResource {
    private static final int DEFAULT_USERS = 20;
    private static final int MOST_USERS = 200;
    private static final Duration MOST_TIME = Duration.ofSeconds(8);
    private static final Duration PERIODS_OF_DAYS = Duration.ofDays(30);

    private final UsageQueries usage;
    private final KnownTenants known;
    private final Clock clock;

    WhatIfResource(UsageQueries usage, KnownTenants known, Clock clock) {
        this.usage = usage;
        this.known = known;
        this.clock = clock;
    }

    /** What is asked. */
    private record Question(String tenant, WhatIf quota, OptionalLong volumeBytes, OptionalLong userVolumeBytes,
            int users, UsageWindow window) {}

    /** What one user would have lost. */
    private record Loss(String user, long usedBytes, List<WhatIf.Outcome> byOwn, long behindTenant) {
        private long ownRefused() {
            return byOwn.stream().mapToLong(WhatIf.Outcome::refusedBytes).sum();
        }

        private boolean isAny() {
            return ownRefused() > 0 || behindTenant > 0;
        }
    }

    Reply ask(Call call) {
        Question question = question(call);
        Answer<UsageSeries> series = usage.tenantUsage(question.tenant(), question.window().range(),
                question.window().step());
        known.requireUnless(!series.value().points().isEmpty(), question.tenant());
        List<WhatIf.Outcome> outcomes = question.quota().over(series.value());
        ObjectNode body = Json.object().put("tenant", question.tenant());
        body.set("quota", quota(question));
        range(body, question.window());
        body.put("aligned", question.quota().isAligned(question.window().range(), question.window().step()));
        ArrayNode periods = body.putArray("periods");
        outcomes.forEach(outcome -> periods.add(outcome(outcome).put("whole", outcome.whole())));
        body.put("cutPeriods", outcomes.stream().filter(each -> each.cut().isPresent()).count())
                .put("usedBytes", outcomes.stream().mapToLong(WhatIf.Outcome::usedBytes).sum())
                .put("refusedBytes", outcomes.stream().mapToLong(WhatIf.Outcome::refusedBytes).sum());
        Freshness freshness = users(question, outcomes, body).map(series.freshness()::and).orElse(series.freshness());
        return Reply.ok(body, freshness);
    }

    /** Looks at the heaviest users; nobody is cut where no user has a limit and the tenant's volume lasts. */
    private Optional<Freshness> users(Question question, List<WhatIf.Outcome> ofTenant, ObjectNode body) {
        ObjectNode users = body.putObject("users");
        ArrayNode list = users.putArray("cut");
        boolean isCut = ofTenant.stream().anyMatch(each -> each.cut().isPresent());
        if (question.users() == 0 || !isCut && question.userVolumeBytes().isEmpty()) {
            users.put("looked", 0).put("all", !isCut && question.userVolumeBytes().isEmpty());
            return Optional.empty();
        }
        Instant deadline = clock.instant().plus(MOST_TIME);
        TimeRange days = new TimeRange(Step.DAY.floor(question.window().range().from()),
                Step.DAY.ceiling(question.window().range().to()));
        Answer<UserPage> ranking = usage.users(question.tenant(), days, Step.DAY, UserSort.BYTES_DESCENDING,
                question.users(), Optional.empty());
        Freshness freshness = ranking.freshness();
        int looked = 0;
        boolean all = ranking.value().next().isEmpty();
        for (UserUsage user : ranking.value().users()) {
            if (!isCut && user.billableBytes() <= question.userVolumeBytes().getAsLong()) {
                all = true; // who used less in all than a period allows is never cut, and so is nobody behind
                break;
            }
            if (!clock.instant().isBefore(deadline)) {
                all = false;
                break;
            }
            Answer<UsageSeries> series = usage.userUsage(question.tenant(), user.user(), question.window().range(),
                    question.window().step());
            freshness = freshness.and(series.freshness());
            looked++;
            Loss loss = loss(question, ofTenant, user.user(), series.value());
            if (loss.isAny()) {
                list.add(loss(loss));
            }
        }
        users.put("looked", looked).put("all", all);
        return Optional.of(freshness);
    }

    private static Loss loss(Question question, List<WhatIf.Outcome> ofTenant, String user, UsageSeries series) {
        List<WhatIf.Outcome> own = question.userVolumeBytes().isEmpty()
                ? List.of()
                : question.quota().with(question.userVolumeBytes().getAsLong()).over(series);
        return new Loss(user, series.total().billableBytes(), own, WhatIf.behind(ofTenant, series));
    }

    private static ObjectNode loss(Loss loss) {
        ObjectNode node = Json.object().put("user", loss.user()).put("usedBytes", loss.usedBytes())
                .put("refusedByUserVolume", loss.ownRefused()).put("refusedBehindTenantCut", loss.behindTenant());
        ArrayNode cuts = node.putArray("periods");
        loss.byOwn().stream().filter(each -> each.cut().isPresent()).forEach(each -> cuts.add(outcome(each)));
        return node;
    }

    private static ObjectNode outcome(WhatIf.Outcome outcome) {
        ObjectNode node = Json.object().put("periodId", outcome.period().id())
                .put("periodStart", Json.time(outcome.period().start()))
                .put("periodEnd", Json.time(outcome.period().end())).put("usedBytes", outcome.usedBytes())
                .put("refusedBytes", outcome.refusedBytes());
        Json.put(node, "cutAfter", outcome.cut().map(TimeRange::from));
        Json.put(node, "cutBefore", outcome.cut().map(TimeRange::to));
        return node;
    }

    private static ObjectNode quota(Question question) {
        ObjectNode node = Json.object().put("period", question.quota().period().name())
                .put("timeZone", question.quota().zone().getId());
        Json.put(node, "anchor", question.quota().ownAnchor());
        Json.put(node, "volumeBytes", question.volumeBytes());
        Json.put(node, "userVolumeBytes", question.userVolumeBytes());
        return node;
    }

    private static void range(ObjectNode body, UsageWindow window) {
        body.put("from", Json.time(window.range().from())).put("to", Json.time(window.range().to()))
                .put("step", window.step().text());
    }

    private Question question(Call call) {
        Body body = Body.parse(call.body(), "volumeBytes", "period", "timeZone", "anchor", "userVolumeBytes", "from",
                "to", "users");
        OptionalLong userVolume = body.whole("userVolumeBytes", 0L, Long.MAX_VALUE);
        OptionalLong volume = body.whole("volumeBytes", 0L, Long.MAX_VALUE);
        if (volume.isEmpty() && userVolume.isEmpty()) {
            throw body.problem("volumeBytes", "is required, unless userVolumeBytes is given");
        }
        QuotaPeriodKind period = QuotaFields.period(body);
        WhatIf quota = new WhatIf(period, QuotaFields.anchor(body, period), QuotaFields.timeZone(body),
                volume.orElse(Long.MAX_VALUE));
        return new Question(call.tenant(), quota, volume, userVolume,
                body.whole("users", 0, MOST_USERS).orElse(DEFAULT_USERS),
                window(body, quota, call.now()));
    }

    /** By default the previous period and the running one; of days, thirty of them. */
    private static UsageWindow window(Body body, WhatIf quota, Instant now) {
        Instant running = quota.at(now).start();
        Instant from = body.text("from", 64).map(text -> UsageWindow.time("from", text))
                .orElseGet(() -> quota.period() == QuotaPeriodKind.DAY
                        ? running.minus(PERIODS_OF_DAYS)
                        : quota.at(running.minusSeconds(1)).start());
        Optional<Instant> to = body.text("to", 64).map(text -> UsageWindow.time("to", text));
        return UsageWindow.coarse(Optional.of(from), to, now);
    }
}
