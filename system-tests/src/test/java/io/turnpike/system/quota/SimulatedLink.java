package io.turnpike.system.quota;

import io.turnpike.contract.Topic;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaShare;
import io.turnpike.node.event.EventBuffer;
import io.turnpike.node.event.LatestValues;
import io.turnpike.node.event.SequencedEvent;
import io.turnpike.node.kafka.SimulatedDoor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A process's way to Kafka and back: a publisher that keeps the newest value while Kafka is away, and a reader of the control
 * topics that is late, reads again, and now and then meets a stale record.
 */
final class SimulatedLink {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;

    private final Simulation world;
    private final SimulatedNode node;
    private final SimulatedDoor door;
    private final EventBuffer buffer;
    private final LatestValues kept = new LatestValues(16);
    private boolean down;
    private boolean publishing;
    private int read;
    private int readToEnd;
    private boolean readingAll;
    private boolean pollPlanned;
    private boolean fencedByRecord;
    private io.turnpike.control.v1.QuotaPolicy policy;

    /** The link of a process whose events are in the buffer. */
    SimulatedLink(SimulatedNode node, EventBuffer buffer) {
        world = node.world;
        this.node = node;
        this.buffer = buffer;
        door = new SimulatedDoor(node.identity, node.table);
        buffer.onUrgent(this::planPublishing);
    }

    // To Kafka

    private void planPublishing() {
        if (!publishing) {
            publishing = true;
            node.in(world.upTo(20 * MILLI), "publisher", () -> {
                publishing = false;
                buffer.drain(this::publish, Integer.MAX_VALUE);
            });
        }
    }

    private void publish(SequencedEvent event) {
        if (down) {
            kept.keep(event);
        } else {
            world.carry(node, door.record(event));
        }
    }

    void goDownFor(long nanos) {
        if (!down) {
            down = true;
            node.in(nanos, "link", this::comeUp);
        }
    }

    void comeUp() {
        down = false;
        List<SequencedEvent> events = new ArrayList<>();
        kept.drain(events::add);
        events.sort(Comparator.comparingLong(SequencedEvent::nodeSeq)); // a map's order is not of the seed
        events.forEach(this::publish);
    }

    // From Kafka

    /** Reads the control topics from their beginning. */
    void readAgain() {
        if (!readingAll) {
            readingAll = true;
            read = 0;
            readToEnd = world.control.size();
            door.beginReading();
            pollPlanned = false;
            controlGrew();
        }
    }

    /** Something was committed; this reader sees it in a while. */
    void controlGrew() {
        if (!pollPlanned && node.isAlive()) {
            pollPlanned = true;
            node.in(down ? world.upTo(60 * SECOND) : world.delayNanos(), "control", this::poll);
        }
    }

    private void poll() {
        if (!pollPlanned) {
            return;
        }
        pollPlanned = false;
        int most = world.calm() ? Integer.MAX_VALUE : 1 + world.random.nextInt(20);
        for (int i = 0; i < most && read < world.control.size(); i++) {
            deliver(world.control.at(read++));
        }
        if (readingAll && read >= readToEnd && read < world.control.size()) {
            readToEnd = world.control.size();
        }
        if (readingAll && read >= readToEnd) {
            readingAll = false;
            door.endReading();
        }
        if (!world.calm() && world.control.size() > 0 && world.random.nextDouble() < world.weather.staleGrants()) {
            ControlLog.Entry entry = world.control.at(world.random.nextInt(world.control.size()));
            if (entry != null && (entry.topic() == Topic.QUOTA_GRANT || entry.topic() == Topic.QUOTA_SHARE)) {
                deliver(entry);
            }
        }
        if (read < world.control.size()) {
            controlGrew();
        }
    }

    private void deliver(ControlLog.Entry entry) {
        if (entry == null) {
            return;
        }
        if (entry.record() instanceof QuotaGrant grant && grant.getNodeId().equals(node.identity.nodeId())) {
            world.history.note(() -> node.name() + " reads grant " + grant.getPeriodId() + " seq " + grant.getGrantSeq()
                    + " of " + grant.getGrantBytes() + " for " + grant.getNodeEpoch() + '/'
                    + Long.toHexString(grant.getProcessNonce()) + (grant.getRecall() ? " recall" : "")
                    + (grant.getClosed() ? " closed" : "") + ofUser(grant));
            fencedByRecord |= isLater(grant.getNodeEpoch(), grant.getProcessNonce());
        } else if (entry.record() instanceof QuotaShare share && share.getNodeId().equals(node.identity.nodeId())) {
            world.history.note(() -> node.name() + " reads share " + share.getUserId() + " seq " + share.getShareSeq()
                    + " of " + share.getRateBitsPerSecond() + " bit/s and " + share.getSlots() + " slots for "
                    + share.getNodeEpoch() + '/' + Long.toHexString(share.getProcessNonce())
                    + (share.getFull() ? " full" : "") + (share.getClosed() ? " closed" : ""));
            fencedByRecord |= isLater(share.getNodeEpoch(), share.getProcessNonce());
        } else if (entry.record() instanceof io.turnpike.control.v1.QuotaPolicy told) {
            world.history.note(() -> node.name() + " reads policy " + told.getPolicyEpoch() + ' ' + told.getMode());
            policy = policy == null || told.getPolicyEpoch() > policy.getPolicyEpoch() ? told : policy;
        }
        door.apply(entry.topic(), entry.key(), entry.value());
    }

    static String ofUser(QuotaGrant grant) {
        return grant.getUserId().isEmpty() ? "" : " of user " + grant.getUserId() + '/' + grant.getOpening();
    }

    private boolean isLater(long nodeEpoch, long processNonce) {
        return nodeEpoch > node.identity.epoch() || nodeEpoch == node.identity.epoch()
                && Long.compareUnsigned(processNonce, node.identity.processNonce()) > 0;
    }

    /** The newest policy that this process has read, or null. */
    io.turnpike.control.v1.QuotaPolicy policy() {
        return policy;
    }

    /** Whether a record of a later process of its name has come. */
    boolean isFencedByRecord() {
        return fencedByRecord;
    }

    /** The faults are over. */
    void heal() {
        comeUp();
        pollPlanned = false;
        controlGrew();
    }
}
