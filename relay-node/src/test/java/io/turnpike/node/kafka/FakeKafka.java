package io.turnpike.node.kafka;

import io.turnpike.contract.RecordCodec;
import io.turnpike.events.v1.AllocationEvent;
import io.turnpike.events.v1.NodeStatus;
import io.turnpike.events.v1.UsageSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;

/** A Kafka that answers as it is told. */
final class FakeKafka implements RecordSender {
    Answer answer = Answer.ARRIVE;
    private final List<WireRecord> taken = new ArrayList<>();

    /** How Kafka answers. */
    enum Answer {
        ARRIVE, FAIL, TOO_LARGE, SILENCE
    }

    @Override
    public void send(WireRecord record, InFlight sent) {
        switch (answer) {
            case ARRIVE -> {
                taken.add(record);
                sent.onCompletion(null, null);
            }
            case FAIL -> sent.onCompletion(null, new TimeoutException("away"));
            case TOO_LARGE -> sent.onCompletion(null, new RecordTooLargeException("too large"));
            case SILENCE -> {
                // nothing comes back
            }
        }
    }

    /** What it has taken, in words. */
    List<String> arrived() {
        return taken.stream().map(FakeKafka::text).toList();
    }

    /** The heartbeats that it has taken. */
    List<NodeStatus> heartbeats() {
        return taken.stream().map(FakeKafka::value).filter(NodeStatus.class::isInstance).map(NodeStatus.class::cast)
                .toList();
    }

    /** The samples that it has taken. */
    List<UsageSnapshot> samples() {
        return taken.stream().map(FakeKafka::value).filter(UsageSnapshot.class::isInstance)
                .map(UsageSnapshot.class::cast).toList();
    }

    static SpecificRecord value(WireRecord record) {
        return ((RecordCodec.Decoded.Good) RecordCodec.decode(record.value())).record();
    }

    static String text(WireRecord record) {
        SpecificRecord value = value(record);
        if (value instanceof AllocationEvent event) {
            return event.getKind() + " " + event.getAllocationId().substring(5);
        }
        if (value instanceof UsageSnapshot snapshot) {
            return (snapshot.getFinalSnapshot() ? "final " : "sample ") + snapshot.getAllocationId().substring(5) + " "
                    + snapshot.getClientToRelay().getPayloadBytes();
        }
        return value instanceof NodeStatus ? "heartbeat" : "report";
    }

    @Override
    public void failedWith(Exception failure) {}

    @Override
    public void close(Duration within) {}
}
