package io.turnpike.telemetry.webhook;

import java.time.Duration;

/**
 * How webhooks are sent.
 *
 * @param targets where requests may go
 * @param timeout bound of resolving, of connecting and of the answer, each
 * @param firstBackoff longest wait after the first failure
 * @param longestBackoff longest wait after any
 * @param retryFor an event is tried again until it is this old
 */
public record WebhookSettings(TargetRules targets, Duration timeout, Duration firstBackoff, Duration longestBackoff,
        Duration retryFor) {}
