package io.turnpike.telemetry.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.AuditEvent;
import io.turnpike.contract.RecordCodec;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.CommandKind;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.control.v1.Webhook;
import io.turnpike.control.v1.WebhookStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class EndpointTest {
    static {
        RecordCodec.prepareAvro();
    }

    private static final Instant START = Instant.parse("2026-11-22T12:00:00Z");
    private static final Duration RETRY_FOR = Duration.ofHours(24);
    private static final Attempt TAKEN = Attempt.answered(204, Optional.empty());
    private static final Attempt BROKEN = Attempt.answered(500, Optional.empty());

    private final Backoff backoff = new Backoff(Duration.ofSeconds(4), Duration.ofHours(1), () -> 0.5);
    private Instant now = START;
    private Endpoint endpoint = endpoint(Optional.empty());

    private Endpoint endpoint(Optional<Endpoint> before) {
        return new Endpoint(webhook(1, WebhookStatus.ENABLED, List.of()), before.map(each -> each.progress(now)),
                backoff, RETRY_FOR);
    }

    private static Webhook webhook(long version, WebhookStatus status, List<String> events) {
        return Webhook.newBuilder().setTenantId("acme").setName("ops").setVersion(version)
                .setUrl("https://hooks.example.org/").setSecrets(List.of()).setEvents(events).setStatus(status)
                .setEnabledAt(START.minusSeconds(60)).setUpdatedAt(START.minusSeconds(60)).build();
    }

    private Event event(long offset) {
        return event(offset, AuditKind.STATE_CHANGED, CommandKind.NONE, "");
    }

    private Event event(long offset, AuditKind kind, CommandKind command, String subject) {
        QuotaAudit audit = QuotaAudit.newBuilder().setTenantId("acme").setOccurredAt(now).setKind(kind)
                .setCommand(command).setSubject(subject).setFromState(QuotaState.OPEN)
                .setToState(QuotaState.EXHAUSTED).build();
        return Event.of(0, offset, audit).orElseThrow();
    }

    private boolean offer(long offset) {
        return endpoint.offer(event(offset), true, now);
    }

    /** Tries the first event, and answers with its offset. */
    private long attempt(Attempt outcome) {
        Event event = endpoint.begin(now).orElseThrow();
        endpoint.end(event, outcome, now);
        return event.offset();
    }

    private void waitForNextAttempt() {
        now = now.plus(endpoint.untilDue(now).orElseThrow());
    }

    @Test
    void sendsInOrderAndOneAtATime() {
        offer(3);
        offer(7);

        Event first = endpoint.begin(now).orElseThrow();
        assertThat(first.offset()).isEqualTo(3);
        assertThat(endpoint.begin(now)).isEmpty();
        endpoint.end(first, TAKEN, now);

        assertThat(endpoint.progress(now).getDoneOffset()).isEqualTo(3);
        assertThat(attempt(TAKEN)).isEqualTo(7);
        assertThat(endpoint.begin(now)).isEmpty();
        assertThat(endpoint.progress(now).getDelivered()).isEqualTo(2);
        assertThat(endpoint.neededFrom()).isEmpty();
    }

    @Test
    void waitsTwiceAsLongAfterEachFailureUpToItsBound() {
        offer(0);
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 13; i++) {
            attempt(BROKEN);
            assertThat(endpoint.begin(now)).isEmpty();
            waits.add(endpoint.untilDue(now).orElseThrow().toSeconds());
            waitForNextAttempt();
        }

        assertThat(waits).containsExactly(3L, 6L, 12L, 24L, 48L, 96L, 192L, 384L, 768L, 1536L, 2700L, 2700L, 2700L);
        assertThat(attempt(TAKEN)).isZero();
        assertThat(endpoint.progress(now).getFailures()).isZero();
        assertThat(endpoint.progress(now).getFailingSince()).isNull();
    }

    @Test
    void waitsAsLongAsItIsAskedTo() {
        offer(0);
        attempt(Attempt.answered(503, Optional.of(Duration.ofSeconds(120))));
        assertThat(endpoint.untilDue(now)).contains(Duration.ofSeconds(120));
        waitForNextAttempt();
        attempt(Attempt.answered(429, Optional.of(Duration.ofDays(9))));
        assertThat(endpoint.untilDue(now)).contains(Duration.ofHours(1));
    }

    @Test
    void keepsOneEventInMemoryWhileItFailsAndReadsTheOthersAgain() {
        for (long offset = 0; offset < 10; offset++) {
            offer(offset);
        }
        attempt(BROKEN);
        for (long offset = 10; offset < 500; offset++) {
            offer(offset);
        }

        assertThat(endpoint.queued()).isOne();
        assertThat(endpoint.neededFrom()).hasValue(0);
        assertThat(endpoint.canCatchUp()).isFalse();
        waitForNextAttempt();
        attempt(TAKEN);
        assertThat(endpoint.canCatchUp()).isTrue();
        assertThat(drain(500)).containsExactlyElementsOf(range(1, 500));
    }

    @Test
    void losesNothingAndRepeatsNothingWhenMoreComesThanFits() {
        for (long offset = 0; offset < 300; offset++) {
            offer(offset);
        }

        assertThat(endpoint.queued()).isEqualTo(Endpoint.MOST_QUEUED);
        assertThat(drain(300)).containsExactlyElementsOf(range(0, 300));
    }

    @Test
    void takesOneEventThoughThereIsNoRoomForMore() {
        endpoint.offer(event(0), false, now);
        endpoint.offer(event(1), false, now);

        assertThat(endpoint.queued()).isOne();
        assertThat(drain(2)).containsExactly(0L, 1L);
    }

    @Test
    void goesOnAfterARestartWhereItWas() {
        for (long offset = 0; offset < 5; offset++) {
            offer(offset);
        }
        attempt(TAKEN);
        attempt(TAKEN);
        attempt(BROKEN);
        Instant due = now.plus(endpoint.untilDue(now).orElseThrow());

        endpoint = endpoint(Optional.of(endpoint));
        for (long offset = 0; offset < 5; offset++) {
            offer(offset); // the topic is read again from an earlier place
        }

        assertThat(endpoint.begin(now)).as("the wait goes on too").isEmpty();
        now = due;
        assertThat(attempt(TAKEN)).isEqualTo(2);
        assertThat(drain(5)).containsExactly(3L, 4L);
        assertThat(endpoint.progress(now).getDelivered()).isEqualTo(5);
    }

    @Test
    void givesUpWhatIsTooOldWhenAnAttemptFailsAndTellsOnce() {
        offer(0);
        attempt(BROKEN);
        now = now.plus(Duration.ofHours(23));
        offer(1);
        now = now.plus(Duration.ofHours(2));
        List<Endpoint.Consequence> consequences = new ArrayList<>();
        consequences.add(fail());
        assertThat(endpoint.progress(now).getGivenUp()).isOne();
        assertThat(endpoint.progress(now).getDoneOffset()).isZero();
        endpoint.catchUp();
        offer(1, START.plus(Duration.ofHours(23)));
        waitForNextAttempt();
        consequences.add(fail());
        now = now.plus(Duration.ofHours(24));
        consequences.add(fail());

        assertThat(consequences).containsExactly(Endpoint.Consequence.REPORT, Endpoint.Consequence.NONE,
                Endpoint.Consequence.NONE);
        assertThat(endpoint.progress(now).getGivenUp()).isEqualTo(2);
        assertThat(endpoint.isReported()).isTrue();
    }

    @Test
    void doesNotEvenTryWhatIsTooOldWhileItFailsAndTriesWhatIsOldWhileItDoesNot() {
        Event old = event(0);
        now = now.plus(RETRY_FOR).plusSeconds(1);
        assertThat(endpoint.offer(old, true, now)).isFalse();
        assertThat(attempt(TAKEN)).as("telemetry was away, not the endpoint").isZero();

        Event older = event(1);
        offer(1);
        attempt(BROKEN);
        now = now.plus(RETRY_FOR).plusSeconds(1);
        fail();
        endpoint.catchUp();
        assertThat(endpoint.offer(new Event(0, 2, AuditEvent.QUOTA_ALARM, older.audit()), true, now)).isTrue();
        assertThat(endpoint.progress(now).getGivenUp()).isEqualTo(2);
        assertThat(endpoint.queued()).isZero();
    }

    @Test
    void asksToBeDisabledWhenTheEndpointIsGone() {
        offer(0);
        Event event = endpoint.begin(now).orElseThrow();

        assertThat(endpoint.end(event, Attempt.answered(410, Optional.empty()), now))
                .isEqualTo(Endpoint.Consequence.DISABLE);
        endpoint.follow(webhook(2, WebhookStatus.DISABLED, List.of()));

        assertThat(endpoint.queued()).isZero();
        assertThat(endpoint.neededFrom()).isEmpty();
        offer(1);
        assertThat(endpoint.untilDue(now)).isEmpty();
    }

    @Test
    void aChangedWebhookIsTriedAtOnce() {
        offer(0);
        attempt(BROKEN);
        assertThat(endpoint.begin(now)).isEmpty();

        endpoint.follow(webhook(2, WebhookStatus.ENABLED, List.of()));

        assertThat(endpoint.begin(now)).isPresent();
    }

    @Test
    void anAttemptThatEndsAfterTheWebhookWasDisabledAndEnabledAgainChangesNoOtherEvent() {
        offer(0);
        Event late = endpoint.begin(now).orElseThrow();
        endpoint.follow(webhook(2, WebhookStatus.DISABLED, List.of()));
        endpoint.follow(webhook(3, WebhookStatus.ENABLED, List.of()));
        offer(1);

        assertThat(endpoint.end(late, BROKEN, now)).isEqualTo(Endpoint.Consequence.NONE);
        assertThat(attempt(TAKEN)).isOne();
    }

    @Test
    void sendsOnlyWhatTheWebhookAsksForAndWhatHappenedSinceItIsEnabled() {
        Event before = new Event(0, 0, AuditEvent.QUOTA_ALARM, QuotaAudit.newBuilder(event(0).audit())
                .setOccurredAt(START.minusSeconds(61)).build());
        endpoint.offer(before, true, now);
        endpoint.offer(event(1, AuditKind.ACCOUNT_SETTLED, CommandKind.NONE, ""), true, now);
        endpoint.offer(event(2, AuditKind.COMMAND_APPLIED, CommandKind.TEST_WEBHOOK, "other"), true, now);
        endpoint.offer(event(3, AuditKind.COMMAND_APPLIED, CommandKind.REPORT_WEBHOOK, "ops"), true, now);
        assertThat(endpoint.queued()).isZero();

        endpoint.offer(event(4, AuditKind.COMMAND_APPLIED, CommandKind.TEST_WEBHOOK, "ops"), true, now);
        endpoint.offer(event(5, AuditKind.COMMAND_APPLIED, CommandKind.REPORT_WEBHOOK, "other"), true, now);
        endpoint.offer(event(6, AuditKind.ALARM, CommandKind.NONE, ""), true, now);
        assertThat(drain(7)).containsExactly(4L, 5L, 6L);

        endpoint.follow(webhook(2, WebhookStatus.ENABLED, List.of("quota.settled")));
        endpoint.offer(event(7, AuditKind.ALARM, CommandKind.NONE, ""), true, now);
        endpoint.offer(event(8, AuditKind.ACCOUNT_SETTLED, CommandKind.NONE, ""), true, now);
        assertThat(drain(9)).containsExactly(8L);
    }

    private Endpoint.Consequence fail() {
        Event event = endpoint.begin(now).orElseThrow();
        return endpoint.end(event, BROKEN, now);
    }

    private void offer(long offset, Instant occurredAt) {
        endpoint.offer(Event.of(0, offset, QuotaAudit.newBuilder(event(offset).audit()).setOccurredAt(occurredAt)
                .build()).orElseThrow(), true, now);
    }

    /** Takes everything, reading the topic up to an offset again wherever the endpoint asks for it. */
    private List<Long> drain(long end) {
        List<Long> taken = new ArrayList<>();
        for (int round = 0; round < 10_000; round++) {
            if (endpoint.canCatchUp()) {
                for (long offset = endpoint.catchUp(); offset < end; offset++) {
                    offer(offset);
                }
            }
            if (endpoint.untilDue(now).isEmpty()) {
                return taken;
            }
            taken.add(attempt(TAKEN));
        }
        throw new AssertionError("does not end");
    }

    private static List<Long> range(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }
}
