package io.turnpike.ctl;

import com.fasterxml.jackson.databind.JsonNode;

/** What a proposed quota would have done, as tables: one of its periods, one of the users who would have been cut. */
final class WhatIf {

    private WhatIf() {}

    static Table periods(JsonNode answer) {
        Table table = new Table("PERIOD", "USED BYTES", "REFUSED BYTES", "CUT AFTER", "CUT BEFORE", "WHOLE");
        answer.path("periods").forEach(period -> table.row(period.path("periodId"), period.path("usedBytes"),
                period.path("refusedBytes"), period.path("cutAfter"), period.path("cutBefore"),
                period.path("whole").asBoolean() ? "yes" : "no"));
        return table;
    }

    static Table users(JsonNode answer) {
        Table table = new Table("USER", "USED BYTES", "OVER USER VOLUME", "BEHIND TENANT'S CUT", "FIRST CUT AFTER");
        answer.path("users").path("cut").forEach(user -> table.row(user.path("user"), user.path("usedBytes"),
                user.path("refusedByUserVolume"), user.path("refusedBehindTenantCut"),
                user.path("periods").path(0).path("cutAfter")));
        return table;
    }

    /** What the tables leave out. */
    static String scope(JsonNode answer) {
        StringBuilder scope = new StringBuilder("by ").append(Table.text(answer.path("step"))).append(" from ")
                .append(Table.text(answer.path("from"))).append(" to ").append(Table.text(answer.path("to")));
        if (!answer.path("aligned").asBoolean(true)) {
            scope.append("; buckets straddle the periods' beginnings");
        }
        JsonNode users = answer.path("users");
        if (!users.path("all").asBoolean(true)) {
            scope.append("; only the ").append(Table.text(users.path("looked")))
                    .append(" heaviest users were looked at");
        }
        return scope.toString();
    }
}
