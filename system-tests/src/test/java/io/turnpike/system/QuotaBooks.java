package io.turnpike.system;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** What the API tells of one tenant's quota. */
record QuotaBooks(TurnpikeApi api, String tenant) {
    private static final Pattern UNGRANTED = Pattern
            .compile("node (\\S+ epoch \\d+)(?: went on|, which is gone).* (\\d+) bytes beyond its grants");

    JsonNode status() {
        return api.get("v1/tenants/" + tenant + "/quota/status");
    }

    boolean isArming() {
        return status().get("arming").booleanValue();
    }

    String state() {
        return status().get("state").textValue();
    }

    /** Forwarded, by the ledger. */
    long usedBytes() {
        return status().get("usedBytes").longValue();
    }

    /** Forwarded, by the usage that is billed. */
    long billedBytes() {
        return api.get("v1/tenants/" + tenant + "/usage").at("/total/billableBytes").longValue();
    }

    /** Charged to processes that are gone and have not settled. */
    long uncertainBytes() {
        return status().get("uncertainBytes").longValue();
    }

    JsonNode controlLoss() {
        return status().get("controlLoss");
    }

    boolean hasSettledAProcess() {
        return history("ACCOUNT_SETTLED").findAny().isPresent();
    }

    /** What the audit says that each process forwarded beyond its grants: the figure of its newest alarm. */
    Map<String, Long> ungrantedByProcess() {
        Map<String, Long> newest = new TreeMap<>();
        history("ALARM").map(alarm -> UNGRANTED.matcher(alarm.get("reason").textValue())).filter(Matcher::find)
                .forEach(alarm -> newest.merge(alarm.group(1), Long.parseLong(alarm.group(2)), Math::max));
        return newest;
    }

    /** The same for all processes of a node together. */
    Map<String, Long> ungrantedByNode() {
        return ungrantedByProcess().entrySet().stream().collect(Collectors
                .groupingBy(process -> process.getKey().split(" ")[0], Collectors.summingLong(Map.Entry::getValue)));
    }

    private Stream<JsonNode> history(String kind) {
        JsonNode events = api.get("v1/tenants/" + tenant + "/quota/history").get("events");
        Predicate<JsonNode> isOfKind = event -> event.get("kind").textValue().equals(kind);
        return StreamSupport.stream(events.spliterator(), false).filter(isOfKind);
    }
}
