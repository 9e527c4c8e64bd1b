package io.turnpike.telemetry.topology;

import io.turnpike.contract.TenantName;
import io.turnpike.control.v1.BillableRule;
import io.turnpike.events.v1.AllocationEvent;
import io.turnpike.events.v1.AllocationEventKind;
import io.turnpike.events.v1.ClientTransport;
import io.turnpike.events.v1.EndReason;
import io.turnpike.events.v1.EventHeader;
import io.turnpike.events.v1.Milestone;
import io.turnpike.events.v1.MilestoneEvent;
import io.turnpike.events.v1.PermissionEvent;
import io.turnpike.events.v1.UsageSnapshot;
import io.turnpike.telemetry.ops.PoisonRecord;
import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.CommitHook;
import io.turnpike.telemetry.store.SessionOutcome;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.Traffic;
import io.turnpike.telemetry.store.v1.NodeGone;
import io.turnpike.telemetry.store.v1.Session;
import io.turnpike.telemetry.store.v1.SessionStep;
import io.turnpike.telemetry.store.v1.UsageDelta;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Follows each allocation from its events: turns cumulative counters into exact deltas, and its end into one outcome.
 * Counters only grow, so a duplicate or late snapshot adds nothing and a lost one heals with the next. Forwards
 * {@link UsageDelta} keyed by tenant and user, and keyed by tenant, node and cluster, once per commit. Confined to its
 * stream thread.
 */
final class SessionTracker implements Processor<String, SpecificRecord, String, UsageDelta> {
    /** How often allocations are looked at that nobody speaks of. */
    static final Duration SWEEP_INTERVAL = Duration.ofSeconds(1);
    private static final int MOST_PER_SWEEP = 500;

    private final TelemetryMetrics metrics;
    private final Rounds rounds = new Rounds();
    private ProcessorContext<String, UsageDelta> context;
    private SessionBook book;
    private final UsageOutbox outbox = new UsageOutbox();
    private CommitHook hook;

    SessionTracker(TelemetryMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public void init(ProcessorContext<String, UsageDelta> context) {
        this.context = context;
        book = new SessionBook(context.getStateStore(Stores.SESSIONS), context.getStateStore(Stores.SESSION_COUNTERS),
                context.getStateStore(Stores.SESSION_INDEX));
        outbox.clear(); // of an aborted transaction
        hook = context.getStateStore(Stores.SESSION_COMMIT);
        hook.beforeCommit(context, this::commit);
        rounds.end();
        rounds.every(SWEEP_INTERVAL, context, this::sweep);
    }

    @Override
    public void close() {
        rounds.end();
        hook.release();
    }

    private void commit() {
        book.write();
        outbox.drain((key, delta) -> context.forward(new Record<>(key, delta, context.currentSystemTimeMs())));
    }

    @Override
    public void process(Record<String, SpecificRecord> record) {
        SpecificRecord value = record.value();
        check(record.key(), value);
        if (value instanceof UsageSnapshot snapshot) {
            meter(snapshot, record.timestamp());
        } else if (value instanceof AllocationEvent event) {
            follow(event, record.timestamp());
        } else if (value instanceof PermissionEvent event) {
            note(event.getAllocationId(), event.getAllocationSeq(), event.getHeader(), record.timestamp(),
                    SessionTimeline.step(event, micros(event.getHeader(), record.timestamp())));
        } else if (value instanceof MilestoneEvent event) {
            reach(event, record.timestamp());
        } else if (value instanceof NodeGone gone) {
            book.nodeGone(gone.getNodeId(), gone.getThroughEpoch());
        } else {
            throw new PoisonRecord("an allocation's record without a value");
        }
    }

    /** Before anything is changed: a record that is put aside must leave nothing behind. */
    private static void check(String key, SpecificRecord value) {
        if (value instanceof UsageSnapshot snapshot) {
            Door.checkAllocation(key, snapshot.getAllocationId());
            Door.checkDropped(snapshot.getDroppedPackets());
        } else if (value instanceof AllocationEvent event) {
            Door.checkErrorCode(event.getErrorCode());
            Door.checkText(event.getSoftware(), "software");
            Door.checkText(event.getClientPrefix(), "clientPrefix");
            if (event.getKind() != AllocationEventKind.REJECTED && event.getKind() != AllocationEventKind.AUTH_FAILED) {
                Door.checkAllocation(key, event.getAllocationId());
            }
        } else if (value instanceof PermissionEvent event) {
            Door.checkAllocation(key, event.getAllocationId());
        } else if (value instanceof MilestoneEvent event) {
            Door.checkAllocation(key, event.getAllocationId());
        }
    }

    private void meter(UsageSnapshot snapshot, long recordMillis) {
        Traffic recorded = Traffic.of(snapshot);
        if (!recorded.isPlausible()) {
            throw new PoisonRecord("a counter is negative or absurdly large");
        }
        EventHeader header = snapshot.getHeader();
        Session session = touch(snapshot.getAllocationId(), header, recordMillis);
        arrived(session, snapshot.getAllocationSeq(), snapshot.getIntervalStart(), recordMillis);
        session.setEgressOnly(snapshot.getBillableRule() == BillableRule.EGRESS_ONLY);
        Traffic booked = Traffic.of(session.getTraffic());
        Traffic growth = recorded.growthOver(booked);
        long end = EventTime.clampMillis(header.getOccurredAt(), recordMillis);
        if (growth.isZero()) {
            metrics.duplicate();
        } else {
            long start = EventTime.clampMillis(snapshot.getIntervalStart(), recordMillis);
            if (session.getSampledAtMillis() > 0) { // snapshots in between were lost
                start = Math.min(start, EventTime.notTooOld(session.getSampledAtMillis(), recordMillis));
            }
            book(snapshot.getAllocationId(), session, Math.min(start, end), end, growth, recordMillis);
            session.setTraffic(booked.max(recorded).totals());
        }
        session.setSampledAtMillis(Math.max(session.getSampledAtMillis(), end));
        if (!snapshot.getDroppedPackets().isEmpty()) {
            session.setDroppedPackets(merge(session.getDroppedPackets(), snapshot.getDroppedPackets()));
        }
        settle(session);
        book.saveCounters(snapshot.getAllocationId());
    }

    private static Map<String, Long> merge(Map<String, Long> known, Map<String, Long> reported) {
        Map<String, Long> merged = new HashMap<>(known);
        reported.forEach((reason, count) -> {
            if (merged.containsKey(reason) || merged.size() < Door.MOST_DROP_REASONS) {
                merged.merge(reason, count, Math::max);
            }
        });
        return merged;
    }

    private void book(String allocationId, Session session, long startMillis, long endMillis, Traffic growth,
            long recordMillis) {
        metrics.adjusted(outbox.addTraffic(book.userKey(allocationId), session, startMillis, endMillis, growth,
                recordMillis));
        metrics.billable(session.getTenantId(), growth.billableBytes(session.getEgressOnly()));
    }

    private void follow(AllocationEvent event, long recordMillis) {
        switch (event.getKind()) {
            case REJECTED, AUTH_FAILED -> refuse(event, recordMillis);
            case CREATED -> {
                Session session = touch(event, recordMillis);
                describe(session, event, recordMillis);
                book.save(event.getAllocationId(), session);
            }
            case ENDED -> end(event, recordMillis);
            case MOVED -> move(event, recordMillis);
            case REFRESHED -> book.save(event.getAllocationId(),
                    touch(event, recordMillis));
            case UNKNOWN -> note(event.getAllocationId(), event.getAllocationSeq(), event.getHeader(), recordMillis,
                    SessionTimeline.step(event, micros(event.getHeader(), recordMillis)));
        }
    }

    private void describe(Session session, AllocationEvent event, long recordMillis) {
        long createdAt = micros(event.getHeader(), recordMillis);
        session.setCreatedAtMicros(createdAt);
        session.setRelayFamily(event.getRelayFamily().name());
        session.setRelayTransport(event.getRelayTransport().name());
        place(session, event);
        session.setSoftware(event.getSoftware());
        if (session.getSampledAtMillis() == 0) {
            session.setSampledAtMillis(createdAt / 1_000); // the first snapshot counts from here
        }
        SessionTimeline.add(session, SessionTimeline.step(event, createdAt));
    }

    /** The outcome is counted under a transport: it is withdrawn under the old one and counted under the new one. */
    private void move(AllocationEvent event, long recordMillis) {
        Session session = touch(event, recordMillis);
        withdraw(session);
        place(session, event);
        SessionTimeline.add(session, SessionTimeline.step(event, micros(event.getHeader(), recordMillis)));
        settle(session);
        book.save(event.getAllocationId(), session);
    }

    private static void place(Session session, AllocationEvent event) {
        if (!SessionTimeline.hasMovedSince(session, event)) {
            session.setTransport(event.getTransport().name());
            session.setClientPrefix(event.getClientPrefix());
        }
    }

    private void end(AllocationEvent event, long recordMillis) {
        Session session = touch(event, recordMillis);
        if (session.getTransport().equals(ClientTransport.UNKNOWN.name())) {
            session.setTransport(event.getTransport().name());
        }
        if (session.getEndedAtMicros() == 0 || session.getProvisional()) {
            long endedAt = micros(event.getHeader(), recordMillis);
            SessionTimeline.add(session, SessionTimeline.step(event, endedAt));
            withdraw(session);
            session.setNodeLost(false);
            book.end(event.getAllocationId(), session, endedAt, event.getEndReason(), false);
            settle(session);
        }
        book.save(event.getAllocationId(), session);
    }

    /** Counts a refused attempt. It has no allocation, so the identity of the record keeps its duplicate out. */
    private void refuse(AllocationEvent event, long recordMillis) {
        EventHeader header = event.getHeader();
        String attemptId = "attempt|" + header.getNodeId() + '|' + header.getNodeEpoch() + '|' + header.getNodeSeq();
        if (book.find(attemptId) != null) {
            metrics.duplicate();
            return;
        }
        if (!header.getTenantId().isEmpty() && !TenantName.isTenantId(header.getTenantId())) {
            throw new PoisonRecord("header.tenantId is no tenant id");
        }
        Door.checkNode(header);
        Door.checkText(header.getUserId(), "header.userId");
        if (event.getSampledOutCount() < 0 || event.getSampledOutCount() > Door.MOST_SAMPLED_OUT) {
            throw new PoisonRecord("sampledOutCount is negative or absurdly large");
        }
        Session attempt = blank(header, recordMillis);
        attempt.setTransport(event.getTransport().name());
        attempt.setErrorCode(event.getErrorCode());
        attempt.setOutcome((event.getKind() == AllocationEventKind.REJECTED
                ? SessionOutcome.REJECTED
                : SessionOutcome.AUTH_FAILED).name());
        attempt.setOutcomeMinuteMillis(
                Bucket.MINUTE.startOf(EventTime.clampMillis(header.getOccurredAt(), recordMillis)));
        attempt.setOutcomeCount(Math.addExact(1, event.getSampledOutCount()));
        count(attempt, attempt.getOutcomeCount());
        book.remember(attemptId, attempt);
    }

    private void reach(MilestoneEvent event, long recordMillis) {
        note(event.getAllocationId(), event.getAllocationSeq(), event.getHeader(), recordMillis,
                SessionTimeline.step(event, micros(event.getHeader(), recordMillis)));
        if (event.getMilestone() == Milestone.MEDIA_BOTH_WAYS) {
            Session session = book.find(event.getAllocationId());
            session.setBothWays(true);
            settle(session);
            book.save(event.getAllocationId(), session);
        }
    }

    private void note(String allocationId, int allocationSeq, EventHeader header, long recordMillis, SessionStep step) {
        Session session = touch(allocationId, header, recordMillis);
        arrived(session, allocationSeq, header.getOccurredAt(), recordMillis);
        SessionTimeline.add(session, step);
        book.save(allocationId, session);
    }

    private Session touch(AllocationEvent event, long recordMillis) {
        EventHeader header = event.getHeader();
        Session session = touch(event.getAllocationId(), header, recordMillis);
        arrived(session, event.getAllocationSeq(), header.getOccurredAt(), recordMillis);
        return session;
    }

    /** Counts an event for the auditor, by the hour in which it begins; the node counts it there too. */
    private void arrived(Session session, int allocationSeq, Instant beginsAt, long recordMillis) {
        boolean isNew = ArrivedSeqs.add(session, allocationSeq);
        if (!isNew) {
            metrics.repeated();
        }
        outbox.addEvent(session, Bucket.HOUR.startOf(EventTime.clampMillis(beginsAt, recordMillis)), isNew);
    }

    /** The allocation of a record, made if it is new, and alive again if its end was only concluded. */
    private Session touch(String allocationId, EventHeader header, long recordMillis) {
        long at = micros(header, recordMillis);
        Session session = book.find(allocationId);
        if (session == null) {
            checkNewAllocation(header);
            session = blank(header, recordMillis);
            session.setLastSeenAtMicros(at);
            book.open(allocationId, session);
        } else if (session.getProvisional() && at > session.getLastSeenAtMicros() && !book.isGone(session)) {
            withdraw(session);
            book.reopen(allocationId, session);
        }
        if (EventTime.isClamped(header.getOccurredAt(), recordMillis)) {
            metrics.clamped();
        }
        session.setLastSeenAtMicros(Math.max(session.getLastSeenAtMicros(), at));
        session.setTouchedAtMillis(Math.max(session.getTouchedAtMillis(), recordMillis));
        return session;
    }

    private static void checkNewAllocation(EventHeader header) {
        if (!TenantName.isTenantId(header.getTenantId())) {
            throw new PoisonRecord("header.tenantId is no tenant id");
        }
        if (!TenantName.isUserId(header.getUserId())) {
            throw new PoisonRecord("header.userId is no user id");
        }
        Door.checkNode(header);
    }

    private static Session blank(EventHeader header, long recordMillis) {
        return new Session(header.getTenantId(), header.getUserId(), header.getNodeId(), header.getNodeEpoch(),
                ClientTransport.UNKNOWN.name(), "UNKNOWN", "UNKNOWN", "", "", 0L, 0L, 0L, recordMillis,
                Traffic.ZERO.totals(),
                false,
                new HashMap<>(), false, 0L, EndReason.NONE.name(), false, false, 0, "", 0L, 1L, List.of(),
                ArrivedSeqs.NONE, List.of());
    }

    /** Counts the outcome of an ended allocation, once; if later records change it, the old one is withdrawn. */
    private void settle(Session session) {
        if (session.getEndedAtMicros() == 0) {
            return;
        }
        String outcome = SessionOutcome.of(session).name();
        if (!outcome.equals(session.getOutcome())) {
            withdraw(session);
            session.setOutcome(outcome);
            session.setOutcomeMinuteMillis(Bucket.MINUTE.startOf(session.getEndedAtMicros() / 1_000));
            count(session, session.getOutcomeCount());
        }
    }

    private void withdraw(Session session) {
        if (!session.getOutcome().isEmpty()) {
            count(session, -session.getOutcomeCount());
            session.setOutcome("");
        }
    }

    private void count(Session session, long count) {
        outbox.addOutcome(session, session.getOutcomeMinuteMillis(), SessionOutcome.cell(session), count);
    }

    private void sweep(long nowMillis) {
        for (String allocationId : book.abandoned(MOST_PER_SWEEP)) {
            Session session = book.find(allocationId);
            session.setNodeLost(true);
            close(allocationId, session);
        }
        for (String allocationId : book.takeDue(nowMillis, MOST_PER_SWEEP)) {
            Session session = book.find(allocationId);
            if (session != null) {
                look(allocationId, session, nowMillis);
            }
        }
    }

    private void look(String allocationId, Session session, long nowMillis) {
        if (book.dueAt(session) > nowMillis) {
            book.lookAgain(allocationId, session);
        } else if (session.getEndedAtMicros() == 0 && session.getOutcome().isEmpty()) {
            close(allocationId, session);
            book.lookAgain(allocationId, session);
        } else {
            book.forget(allocationId, session);
            metrics.expired(1);
        }
    }

    /** Ends an allocation of which nothing more is heard, at the time of its last record. */
    private void close(String allocationId, Session session) {
        book.end(allocationId, session, session.getLastSeenAtMicros(), EndReason.UNKNOWN, true);
        settle(session);
        book.save(allocationId, session);
    }

    private static long micros(EventHeader header, long recordMillis) {
        return EventTime.clampMicros(header.getOccurredAt(), recordMillis);
    }
}
