package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.Outcome;
import io.turnpike.telemetry.query.OutcomeCounts;
import io.turnpike.telemetry.query.OutcomeQueries;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Allocation outcomes counted so far, and the success ratio with its formula beside it. */
final class ConnectivityResource {
    /** Media flowed both ways. */
    private static final Set<Outcome> SUCCEEDED = EnumSet.of(Outcome.CONNECTED, Outcome.DROPPED, Outcome.CUT_BY_QUOTA,
            Outcome.NODE_LOST);
    private static final Set<Outcome> FAILED = EnumSet.of(Outcome.ONE_WAY, Outcome.AUTH_FAILED, Outcome.REJECTED);
    private static final String FORMULA = "(CONNECTED + DROPPED + CUT_BY_QUOTA + NODE_LOST)"
            + " / (CONNECTED + DROPPED + CUT_BY_QUOTA + NODE_LOST + ONE_WAY + AUTH_FAILED + REJECTED)";

    private final OutcomeQueries outcomes;
    private final KnownTenants known;

    ConnectivityResource(OutcomeQueries outcomes, KnownTenants known) {
        this.outcomes = outcomes;
        this.known = known;
    }

    Reply ofTenant(Call call) {
        Answer<OutcomeCounts> answer = outcomes.tenantOutcomes(call.tenant());
        known.requireUnless(answer.value().counts().values().stream().anyMatch(count -> count > 0), call.tenant());
        return counts(Json.object().put("tenant", call.tenant()), answer);
    }

    Reply ofCluster(Call call) {
        return counts(Json.object(), outcomes.clusterOutcomes());
    }

    private static Reply counts(ObjectNode body, Answer<OutcomeCounts> answer) {
        Map<Outcome, Long> counts = answer.value().counts();
        ObjectNode node = body.putObject("counts");
        for (Outcome outcome : Outcome.values()) {
            node.put(outcome.name(), counts.get(outcome));
        }
        body.set("success", success(counts));
        Json.put(body, "since", answer.value().since());
        return Reply.ok(body, answer.freshness());
    }

    /** The value is null while nothing was tried, and while an outcome of the formula is not told apart from others. */
    private static ObjectNode success(Map<Outcome, Long> counts) {
        long numerator = sum(counts, SUCCEEDED);
        long denominator = numerator + sum(counts, FAILED);
        boolean isKnown = denominator > 0 && counts.keySet().containsAll(SUCCEEDED)
                && counts.keySet().containsAll(FAILED);
        return Json.object().put("value", isKnown ? (Double) ((double) numerator / denominator) : null)
                .put("numerator", numerator).put("denominator", denominator).put("formula", FORMULA);
    }

    private static long sum(Map<Outcome, Long> counts, Set<Outcome> outcomes) {
        return outcomes.stream().mapToLong(outcome -> counts.getOrDefault(outcome, 0L)).sum();
    }
}
