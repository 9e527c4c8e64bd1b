package io.turnpike.telemetry.webhook;

import io.turnpike.contract.AuditEvent;
import io.turnpike.contract.RecordCodec;
import io.turnpike.control.v1.Webhook;
import io.turnpike.control.v1.WebhookProgress;
import io.turnpike.control.v1.WebhookStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One webhook: what waits for it, how far it is, and when it is tried again. Events go in the order of the audit topic, one
 * at a time; the first that fails holds up the others of this webhook, and of no other. What does not fit into its queue is
 * not remembered but read again later, so that an endpoint that is away for a day costs one event of memory. Confined to
 * the delivery thread.
 */
final class Endpoint {
    static {
        RecordCodec.prepareAvro(); // a builder asks Avro's class filter for its defaults
    }

    /** Most events that wait in memory. */
    static final int MOST_QUEUED = 64;

    private final Backoff backoff;
    private final Duration retryFor;
    private final Deque<Event> queue = new ArrayDeque<>();
    private Webhook webhook;
    private WebhookProgress progress;
    /** Every event up to here was looked at: it waits, is done, or is none of this webhook's. */
    private long seenOffset;
    /** Behind {@link #seenOffset} there may be events that did not fit. */
    private boolean behind;
    private boolean inFlight;
    private Instant nextAttempt = Instant.MIN;

    /** What must be done after something changed. */
    enum Consequence {
        /** Nothing more. */
        NONE,
        /** The endpoint asked for an end: the webhook is to be disabled. */
        DISABLE,
        /** Events are given up for the first time since the endpoint took one: that is to be audited. */
        REPORT
    }

    Endpoint(Webhook webhook, Optional<WebhookProgress> before, Backoff backoff, Duration retryFor) {
        this.webhook = webhook;
        this.backoff = backoff;
        this.retryFor = retryFor;
        this.progress = before.map(known -> WebhookProgress.newBuilder(known).build())
                .orElseGet(() -> WebhookProgress.newBuilder().setTenantId(webhook.getTenantId())
                        .setName(webhook.getName()).setDoneOffset(-1).setUpdatedAt(webhook.getUpdatedAt()).build());
        this.seenOffset = progress.getDoneOffset();
        if (progress.getNextAttemptAt() != null) {
            nextAttempt = progress.getNextAttemptAt();
        }
    }

    Webhook webhook() {
        return webhook;
    }

    /** A copy of how it fares, to be written. */
    WebhookProgress progress(Instant now) {
        return WebhookProgress.newBuilder(progress)
                .setNextAttemptAt(queue.isEmpty() || nextAttempt.equals(Instant.MIN) ? null : nextAttempt)
                .setUpdatedAt(now).build();
    }

    /** Follows a newer record; who was changed is tried at once, and who was disabled gets nothing more. */
    void follow(Webhook newer) {
        if (newer.getVersion() == webhook.getVersion()) {
            return;
        }
        webhook = newer;
        nextAttempt = Instant.MIN;
        if (newer.getStatus() != WebhookStatus.ENABLED) {
            progress.setDoneOffset(seenOffset);
            queue.clear();
            behind = false;
        }
    }

    /**
     * Looks at an event.
     *
     * @param roomForMore whether all endpoints together may queue more; the first event always fits
     * @return whether the event was given up unsent, because it is too old and the endpoint takes nothing
     */
    boolean offer(Event event, boolean roomForMore, Instant now) {
        if (event.offset() <= seenOffset || behind) {
            return false;
        }
        if (!wants(event)) {
            seenOffset = event.offset();
            return false;
        }
        if (isFailing() && queue.isEmpty() && isTooOld(event, now)) {
            seenOffset = event.offset();
            giveUp(event);
            return true;
        }
        boolean fits = queue.isEmpty() || !isFailing() && roomForMore && queue.size() < MOST_QUEUED;
        if (fits) {
            queue.add(event);
            seenOffset = event.offset();
        } else {
            behind = true;
        }
        return false;
    }

    private boolean wants(Event event) {
        if (webhook.getStatus() != WebhookStatus.ENABLED || event.occurredAt().isBefore(webhook.getEnabledAt())) {
            return false;
        }
        boolean aboutItself = event.audit().getSubject().equals(webhook.getName());
        if (event.type() == AuditEvent.WEBHOOK_TEST) {
            return aboutItself;
        }
        if (event.type() == AuditEvent.WEBHOOK_DEAD && aboutItself) {
            return false; // it would wait behind what it tells about
        }
        return webhook.getEvents().isEmpty()
                ? event.type().isDefault()
                : webhook.getEvents().contains(event.type().type());
    }

    /** The event to send now, if there is one and it is time; it counts as under way from here on. */
    Optional<Event> begin(Instant now) {
        if (inFlight || queue.isEmpty() || now.isBefore(nextAttempt)) {
            return Optional.empty();
        }
        inFlight = true;
        return Optional.of(queue.getFirst());
    }

    /** How long until {@link #begin} has an event; empty while none waits or one is under way. */
    Optional<Duration> untilDue(Instant now) {
        if (inFlight || queue.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(now.isBefore(nextAttempt) ? Duration.between(now, nextAttempt) : Duration.ZERO);
    }

    /** Takes in what came of an attempt. */
    Consequence end(Event event, Attempt attempt, Instant now) {
        inFlight = false;
        progress.setLastEventId(event.id());
        progress.setLastAttemptAt(now);
        progress.setLastStatus(attempt.status());
        progress.setLastError(attempt.error());
        boolean isHead = queue.peekFirst() == event;
        if (attempt.succeeded()) {
            succeeded(event, isHead, now);
            return Consequence.NONE;
        }
        return isHead ? failed(event, attempt, now) : Consequence.NONE;
    }

    private void succeeded(Event event, boolean isHead, Instant now) {
        progress.setLastSuccessAt(now);
        progress.setFailures(0L);
        progress.setFailingSince(null);
        progress.setReported(false);
        progress.setDelivered(progress.getDelivered() + 1);
        nextAttempt = Instant.MIN;
        if (isHead) {
            queue.removeFirst();
            progress.setDoneOffset(event.offset());
        }
    }

    private Consequence failed(Event head, Attempt attempt, Instant now) {
        progress.setFailures(progress.getFailures() + 1);
        if (progress.getFailingSince() == null) {
            progress.setFailingSince(now);
        }
        Duration wait = backoff.after(progress.getFailures());
        Duration asked = attempt.retryAfter().filter(each -> each.compareTo(backoff.longest()) < 0)
                .orElse(backoff.longest());
        nextAttempt = now.plus(attempt.retryAfter().isPresent() && asked.compareTo(wait) > 0 ? asked : wait);
        keepOnlyHead(head);
        if (attempt.isGone()) {
            return Consequence.DISABLE;
        }
        if (!isTooOld(head, now)) {
            return Consequence.NONE;
        }
        queue.removeFirst();
        giveUp(head);
        if (progress.getReported()) {
            return Consequence.NONE;
        }
        progress.setReported(true);
        return Consequence.REPORT;
    }

    private void keepOnlyHead(Event head) {
        if (queue.size() > 1) {
            queue.clear();
            queue.add(head);
            seenOffset = head.offset();
            behind = true;
        }
    }

    private void giveUp(Event event) {
        progress.setDoneOffset(event.offset());
        progress.setGivenUp(progress.getGivenUp() + 1);
    }

    private boolean isTooOld(Event event, Instant now) {
        return event.occurredAt().plus(retryFor).isBefore(now);
    }

    boolean isFailing() {
        return progress.getFailures() > 0;
    }

    boolean isReported() {
        return progress.getReported();
    }

    boolean isInFlight() {
        return inFlight;
    }

    int queued() {
        return queue.size();
    }

    /** When the oldest event that waits happened. */
    Optional<Instant> oldest() {
        return Optional.ofNullable(queue.peekFirst()).map(Event::occurredAt);
    }

    /** The first offset that this webhook still needs from the topic after a restart; empty if what comes next. */
    OptionalLong neededFrom() {
        if (!queue.isEmpty()) {
            return OptionalLong.of(queue.getFirst().offset());
        }
        return behind ? OptionalLong.of(seenOffset + 1) : OptionalLong.empty();
    }

    /** Whether events that did not fit have room now. */
    boolean canCatchUp() {
        return behind && (queue.isEmpty() || !isFailing() && queue.size() <= MOST_QUEUED / 4);
    }

    /** From here on the topic is read again, from the answer or an earlier offset. */
    long catchUp() {
        behind = false;
        return seenOffset + 1;
    }
}
