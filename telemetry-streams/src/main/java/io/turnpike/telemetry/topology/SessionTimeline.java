package io.turnpike.telemetry.topology;

import io.turnpike.events.v1.AllocationEvent;
import io.turnpike.events.v1.AllocationEventKind;
import io.turnpike.events.v1.MilestoneEvent;
import io.turnpike.events.v1.PermissionEvent;
import io.turnpike.telemetry.store.v1.Session;
import io.turnpike.telemetry.store.v1.SessionStep;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The steps of an allocation that people see: by the node's sequence, each once, and not more than a screen of them. */
final class SessionTimeline {
    private static final int MOST_STEPS = 64;

    private SessionTimeline() {}

    static SessionStep step(AllocationEvent event, long atMicros) {
        String detail = switch (event.getKind()) {
            case CREATED -> "lifetime " + event.getLifetimeSeconds() + " s";
            case REJECTED, AUTH_FAILED -> "error " + event.getErrorCode();
            case ENDED -> event.getEndReason().name();
            case MOVED -> "to " + event.getTransport().name() + " from " + event.getClientPrefix();
            case REFRESHED, UNKNOWN -> "";
        };
        return new SessionStep(event.getAllocationSeq(), atMicros, event.getKind().name(), detail);
    }

    static SessionStep step(PermissionEvent event, long atMicros) {
        String peer = event.getPeerClass().name().toLowerCase(Locale.ROOT).replace('_', ' ') + " peer";
        String detail = switch (event.getKind()) {
            case PERMISSION, UNKNOWN -> peer;
            case CHANNEL -> peer + ", channel 0x" + Integer.toHexString(event.getChannel());
            case DENIED -> peer + ", error " + event.getErrorCode();
        };
        return new SessionStep(event.getAllocationSeq(), atMicros, event.getKind().name(), detail);
    }

    static SessionStep step(MilestoneEvent event, long atMicros) {
        return new SessionStep(event.getAllocationSeq(), atMicros, event.getMilestone().name(),
                "after " + event.getMillisSinceCreated() + " ms");
    }

    /** Whether the client is known to have moved on after the event (RFC 8016): where it was then is history. */
    static boolean hasMovedSince(Session session, AllocationEvent event) {
        return session.getSteps().stream().anyMatch(step -> step.getSeq() > event.getAllocationSeq()
                && step.getEvent().equals(AllocationEventKind.MOVED.name()));
    }

    /** Adds a step in its place; one with a sequence that is there already is a duplicate. */
    static void add(Session session, SessionStep step) {
        List<SessionStep> steps = new ArrayList<>(session.getSteps());
        if (steps.stream().anyMatch(each -> each.getSeq() == step.getSeq())) {
            return;
        }
        steps.add(step);
        steps.sort(Comparator.comparingInt(SessionStep::getSeq));
        if (steps.size() > MOST_STEPS) {
            steps.remove(MOST_STEPS / 2); // the first and the last ones tell the story
        }
        session.setSteps(steps);
    }
}
