package io.turnpike.telemetry.query;

import io.turnpike.control.v1.WebhookStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A webhook, without its keys.
 *
 * @param name name within the tenant
 * @param version the ETag; grows with each write, also over deletion
 * @param url where requests go
 * @param secretIds names of the keys that sign
 * @param events types of events that are sent; none of them is the default choice
 * @param status whether anything is sent
 * @param disabledReason why it was disabled, or empty
 * @param updatedAt when it was written
 * @param delivery how it fares, empty before anything was tried
 */
public record WebhookEntry(String name, long version, String url, List<String> secretIds, List<String> events,
        WebhookStatus status, String disabledReason, Instant updatedAt, Optional<Delivery> delivery) {
    public WebhookEntry {
        secretIds = List.copyOf(secretIds);
        events = List.copyOf(events);
    }

    /**
     * What came of sending so far.
     *
     * @param delivered events that the endpoint took
     * @param givenUp events that were too old when an attempt failed
     * @param failures attempts that failed since one succeeded
     * @param failingSince when the first of these failed
     * @param lastEventId event that was tried last, or empty
     * @param lastAttemptAt when it was tried last
     * @param lastSuccessAt when it took an event last
     * @param lastStatus HTTP status of the last attempt, 0 if there was no answer
     * @param lastError why the last attempt failed, or empty
     * @param nextAttemptAt when it is tried again, empty if nothing waits
     */
    public record Delivery(long delivered, long givenUp, long failures, Optional<Instant> failingSince,
            String lastEventId, Optional<Instant> lastAttemptAt, Optional<Instant> lastSuccessAt, int lastStatus,
            String lastError, Optional<Instant> nextAttemptAt) {}
}
