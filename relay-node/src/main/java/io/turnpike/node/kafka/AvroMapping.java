package io.turnpike.node.kafka;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.contract.UserKey;
import io.turnpike.events.v1.AddressFamily;
import io.turnpike.events.v1.AllocationEvent;
import io.turnpike.events.v1.AllocationEventKind;
import io.turnpike.events.v1.DirectionCounters;
import io.turnpike.events.v1.EventHeader;
import io.turnpike.events.v1.MilestoneEvent;
import io.turnpike.events.v1.NodeHour;
import io.turnpike.events.v1.NodeStatus;
import io.turnpike.events.v1.PermissionEvent;
import io.turnpike.events.v1.PermissionEventKind;
import io.turnpike.events.v1.QuotaAccountReport;
import io.turnpike.events.v1.ShareReport;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.events.v1.UsageSnapshot;
import io.turnpike.events.v1.UserSlotReport;
import io.turnpike.node.event.BillableRule;
import io.turnpike.node.event.AllocationCreated;
import io.turnpike.node.event.AllocationEnded;
import io.turnpike.node.event.AllocationMoved;
import io.turnpike.node.event.AllocationRef;
import io.turnpike.node.event.AllocationRefreshed;
import io.turnpike.node.event.AllocationRejected;
import io.turnpike.node.event.AllocationStep;
import io.turnpike.node.event.AuthenticationFailed;
import io.turnpike.node.event.ChannelMade;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.event.DirectionCount;
import io.turnpike.node.event.EndReason;
import io.turnpike.node.event.EventVisitor;
import io.turnpike.node.event.Milestone;
import io.turnpike.node.event.MilestoneReached;
import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.event.NodeState;
import io.turnpike.node.event.NodeStatusReported;
import io.turnpike.node.event.PeerClass;
import io.turnpike.node.event.PeerDenied;
import io.turnpike.node.event.PermissionMade;
import io.turnpike.node.event.QuotaAccountState;
import io.turnpike.node.event.QuotaShareState;
import io.turnpike.node.event.RelayEvent;
import io.turnpike.node.event.RelayFamily;
import io.turnpike.node.event.RelayTransport;
import io.turnpike.node.event.SequencedEvent;
import io.turnpike.node.event.TenantUsageReported;
import io.turnpike.node.event.UsageSampled;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;

/**
 * Events to Avro records, topics and keys. What each allocation sends is made by constructors: Avro's builders look up and
 * copy the default of every field that is not set. Confined to the publisher thread.
 */
final class AvroMapping {
    private static final int MAX_SOFTWARE_CHARACTERS = 64;

    static {
        RecordCodec.prepareAvro();
    }

    private final NodeIdentity node;
    private final Supplier<PublisherFigures> figures;

    /**
     * @param node goes into every header
     * @param figures what the heartbeat adds
     */
    AvroMapping(NodeIdentity node, Supplier<PublisherFigures> figures) {
        this.node = node;
        this.figures = figures;
    }

    /** The record of an event. */
    WireRecord toWire(SequencedEvent sequenced) {
        return sequenced.event().accept(new OneRecord(sequenced.nodeSeq()));
    }

    /** Maps one event; holds its place in the node's sequence. */
    private final class OneRecord implements EventVisitor<WireRecord> {
        private final long nodeSeq;

        OneRecord(long nodeSeq) {
            this.nodeSeq = nodeSeq;
        }

        private EventHeader header(RelayEvent event) {
            return new EventHeader(node.nodeId(), node.epoch(), nodeSeq, event.occurredAt(), event.tenantId(),
                    event.userId());
        }

        private AllocationEvent allocationEvent(RelayEvent event, AllocationEventKind kind, String allocationId,
                int allocationSeq, ClientTransport transport, AddressFamily family) {
            return new AllocationEvent(header(event), allocationId, allocationSeq, kind, 0, transportOf(transport),
                    family, io.turnpike.events.v1.RelayTransport.UNKNOWN, "", "", 0,
                    io.turnpike.events.v1.EndReason.NONE, 0, 0L);
        }

        /** A step of an allocation, with the schema's defaults for what belongs to other kinds. */
        private AllocationEvent step(AllocationStep event, AllocationEventKind kind, int allocationSeq,
                ClientTransport transport, RelayFamily family) {
            return allocationEvent(event, kind, event.allocation().allocationId(), allocationSeq, transport,
                    familyOf(family));
        }

        private AllocationEvent refusal(RelayEvent event, AllocationEventKind kind, ClientTransport transport,
                int errorCode, String clientPrefix, String software) {
            AllocationEvent record = allocationEvent(event, kind, "", 0, transport, AddressFamily.UNKNOWN);
            record.setErrorCode(errorCode);
            record.setClientPrefix(clientPrefix);
            record.setSoftware(software(software));
            return record;
        }

        @Override
        public WireRecord visit(AllocationCreated event) {
            AllocationEvent record = step(event, AllocationEventKind.CREATED, event.allocationSeq(), event.transport(),
                    event.relayFamily());
            record.setRelayTransport(relayTransportOf(event.relayTransport()));
            record.setClientPrefix(event.clientPrefix());
            record.setSoftware(software(event.software()));
            record.setLifetimeSeconds(seconds(event.lifetime()));
            record.setMillisSinceFirstRequest(millis(event.sinceFirstRequest()));
            return lifecycle(event.allocation(), record);
        }

        @Override
        public WireRecord visit(AllocationRefreshed event) {
            AllocationEvent record = step(event, AllocationEventKind.REFRESHED, event.allocationSeq(),
                    event.transport(), event.relayFamily());
            record.setLifetimeSeconds(seconds(event.lifetime()));
            return lifecycle(event.allocation(), record);
        }

        @Override
        public WireRecord visit(AllocationMoved event) {
            AllocationEvent record = step(event, AllocationEventKind.MOVED, event.allocationSeq(), event.transport(),
                    event.relayFamily());
            record.setClientPrefix(event.clientPrefix());
            return lifecycle(event.allocation(), record);
        }

        @Override
        public WireRecord visit(AllocationRejected event) {
            AllocationEvent record = refusal(event, AllocationEventKind.REJECTED, event.transport(), event.errorCode(),
                    event.clientPrefix(), event.software());
            record.setMillisSinceFirstRequest(millis(event.sinceFirstRequest()));
            return withoutAllocation(event, record);
        }

        @Override
        public WireRecord visit(AuthenticationFailed event) {
            AllocationEvent record = refusal(event, AllocationEventKind.AUTH_FAILED, event.transport(),
                    event.errorCode(), event.clientPrefix(), event.software());
            record.setSampledOutCount(event.sampledOutCount());
            return withoutAllocation(event, record);
        }

        @Override
        public WireRecord visit(AllocationEnded event) {
            AllocationEvent record = step(event, AllocationEventKind.ENDED, event.allocationSeq(), event.transport(),
                    event.relayFamily());
            record.setEndReason(reasonOf(event.reason()));
            return lifecycle(event.allocation(), record);
        }

        private WireRecord permission(AllocationStep event, int allocationSeq, PermissionEventKind kind,
                PeerClass peerClass, int channel, int errorCode) {
            return lifecycle(event.allocation(), new PermissionEvent(header(event), event.allocation().allocationId(),
                    allocationSeq, kind, classOf(peerClass), channel, errorCode));
        }

        @Override
        public WireRecord visit(PermissionMade event) {
            return permission(event, event.allocationSeq(), PermissionEventKind.PERMISSION, event.peerClass(), 0, 0);
        }

        @Override
        public WireRecord visit(ChannelMade event) {
            return permission(event, event.allocationSeq(), PermissionEventKind.CHANNEL, event.peerClass(),
                    event.channel(), 0);
        }

        @Override
        public WireRecord visit(PeerDenied event) {
            return permission(event, event.allocationSeq(), PermissionEventKind.DENIED, event.peerClass(), 0,
                    event.errorCode());
        }

        @Override
        public WireRecord visit(MilestoneReached event) {
            return lifecycle(event.allocation(),
                    new MilestoneEvent(header(event), event.allocation().allocationId(), event.allocationSeq(),
                            milestoneOf(event.milestone()), millis(event.sinceCreated())));
        }

        @Override
        public WireRecord visit(UsageSampled event) {
            String allocationId = event.allocation().allocationId();
            return record(Topic.BANDWIDTH, allocationId,
                    new UsageSnapshot(header(event), allocationId, event.allocationSeq(), event.intervalStart(),
                            counters(event.clientToRelay()), counters(event.relayToPeer()),
                            counters(event.peerToRelay()), counters(event.relayToClient()),
                            ruleOf(event.billableRule()), event.droppedPackets(), event.peers(),
                            event.finalSample()));
        }

        @Override
        public WireRecord visit(TenantUsageReported event) {
            return record(Topic.TENANT_USAGE, event.tenantId(), TenantNodeUsage.newBuilder().setHeader(header(event))
                    .setProcessNonce(node.processNonce()).setReportMonotonicNanos(event.reportMonotonicNanos())
                    .setPolicyEpochSeen(event.policyEpochSeen())
                    .setAccounts(event.accounts().stream().map(AvroMapping.this::account).toList())
                    .setBillableBytes(event.billableBytes()).setActiveAllocations(event.activeAllocations())
                    .setActiveUsers(event.activeUsers()).setRejectedAllocations(event.rejectedAllocations())
                    .setQuotaDroppedBytes(event.quotaDroppedBytes())
                    .setShare(event.share().map(AvroMapping::share).orElse(null)).build());
        }

        @Override
        public WireRecord visit(NodeStatusReported event) {
            PublisherFigures now = figures.get();
            return record(Topic.NODE, node.nodeId(),
                    NodeStatus.newBuilder().setHeader(header(event)).setVersion(event.version())
                            .setState(stateOf(event.state())).setStartedAt(micros(event.startedAt()))
                            .setProcessNonce(node.processNonce()).setListeners(event.listeners())
                            .setAllocations(event.allocations()).setControlConnected(now.controlConnected())
                            .setQueueDepth(now.queueDepth()).setSpoolBytes(now.spoolBytes())
                            .setDroppedRecords(now.droppedRecords()).setDroppedPackets(event.droppedPackets())
                            .setUnauthenticated(event.unauthenticated())
                            .setHours(now.events().hours().stream()
                                    .map(hour -> new NodeHour(hour.start(), hour.events(), hour.givenUp())).toList())
                            .setCountedThrough(micros(now.events().countedThrough())).setClosed(now.events().closed())
                            .build());
        }
    }

    private QuotaAccountReport account(QuotaAccountState state) {
        return QuotaAccountReport.newBuilder().setPeriodId(state.periodId()).setUserId(state.userId())
                .setNodeEpoch(state.nodeEpoch()).setProcessNonce(state.processNonce())
                .setPolicyEpoch(state.policyEpoch())
                .setGrantSeq(state.grantSeq()).setCapBytes(state.capBytes()).setDrawnBytes(state.drawnBytes())
                .setSpentBytes(state.spentBytes()).setWantBytes(state.wantBytes())
                .setRateBytesPerSecond(state.rateBytesPerSecond()).setFinalReport(state.finalReport())
                .setOpening(state.opening()).setWantTailBytes(state.wantTailBytes())
                .setUngrantedBytes(state.ungrantedBytes()).build();
    }

    private static ShareReport share(QuotaShareState state) {
        return new ShareReport(state.shareSeq(), state.bitsPerSecond(), state.demandBitsPerSecond(), state.slots(),
                state.used(), state.wanted(), state.finalReport(), state.users().stream()
                        .map(user -> new UserSlotReport(user.userId(), user.shareSeq(), user.slots(), user.used(),
                                user.wanted()))
                        .toList());
    }

    private static WireRecord lifecycle(AllocationRef allocation, SpecificRecord record) {
        return record(Topic.ALLOCATION, allocation.allocationId(), record);
    }

    /** There is no allocation id: users spread over the partitions instead. */
    private static WireRecord withoutAllocation(RelayEvent event, SpecificRecord record) {
        return record(Topic.ALLOCATION, new UserKey(event.tenantId(), event.userId()).text(), record);
    }

    private static WireRecord record(Topic topic, String key, SpecificRecord record) {
        return new WireRecord(topic.topicName(), key, RecordCodec.encode(record));
    }

    private static DirectionCounters counters(DirectionCount count) {
        return new DirectionCounters(count.wireBytes(), count.payloadBytes(), count.packets());
    }

    private static io.turnpike.events.v1.ClientTransport transportOf(ClientTransport transport) {
        return switch (transport) {
            case UDP -> io.turnpike.events.v1.ClientTransport.UDP;
            case TCP -> io.turnpike.events.v1.ClientTransport.TCP;
            case TLS -> io.turnpike.events.v1.ClientTransport.TLS;
            case DTLS -> io.turnpike.events.v1.ClientTransport.DTLS;
        };
    }

    private static AddressFamily familyOf(RelayFamily family) {
        return switch (family) {
            case IPV4 -> AddressFamily.IPV4;
            case IPV6 -> AddressFamily.IPV6;
            case DUAL -> AddressFamily.DUAL;
        };
    }

    private static io.turnpike.events.v1.RelayTransport relayTransportOf(RelayTransport transport) {
        return switch (transport) {
            case UDP -> io.turnpike.events.v1.RelayTransport.UDP;
            case TCP -> io.turnpike.events.v1.RelayTransport.TCP;
        };
    }

    private static io.turnpike.events.v1.EndReason reasonOf(EndReason reason) {
        return switch (reason) {
            case CLIENT_RELEASED -> io.turnpike.events.v1.EndReason.CLIENT_RELEASED;
            case EXPIRED -> io.turnpike.events.v1.EndReason.EXPIRED;
            case TRANSPORT_CLOSED -> io.turnpike.events.v1.EndReason.TRANSPORT_CLOSED;
            case QUOTA -> io.turnpike.events.v1.EndReason.QUOTA;
            case DRAIN -> io.turnpike.events.v1.EndReason.DRAIN;
            case ADMIN -> io.turnpike.events.v1.EndReason.ADMIN;
            case SHUTDOWN -> io.turnpike.events.v1.EndReason.SHUTDOWN;
            case CREDENTIAL_EXPIRED -> io.turnpike.events.v1.EndReason.CREDENTIAL_EXPIRED;
        };
    }

    private static io.turnpike.events.v1.PeerClass classOf(PeerClass peerClass) {
        return switch (peerClass) {
            case PUBLIC -> io.turnpike.events.v1.PeerClass.PUBLIC;
            case PRIVATE -> io.turnpike.events.v1.PeerClass.PRIVATE;
            case LOOPBACK -> io.turnpike.events.v1.PeerClass.LOOPBACK;
            case DENIED_RANGE -> io.turnpike.events.v1.PeerClass.DENIED_RANGE;
        };
    }

    private static io.turnpike.control.v1.BillableRule ruleOf(BillableRule rule) {
        return switch (rule) {
            case BOTH_DIRECTIONS -> io.turnpike.control.v1.BillableRule.BOTH_DIRECTIONS;
            case EGRESS_ONLY -> io.turnpike.control.v1.BillableRule.EGRESS_ONLY;
        };
    }

    private static io.turnpike.events.v1.Milestone milestoneOf(Milestone milestone) {
        return switch (milestone) {
            case FIRST_CLIENT_TO_PEER -> io.turnpike.events.v1.Milestone.FIRST_CLIENT_TO_PEER;
            case FIRST_PEER_TO_CLIENT -> io.turnpike.events.v1.Milestone.FIRST_PEER_TO_CLIENT;
            case CHECK_ANSWERED -> io.turnpike.events.v1.Milestone.CHECK_ANSWERED;
            case NOMINATED -> io.turnpike.events.v1.Milestone.NOMINATED;
            case DTLS_CLIENT_HELLO -> io.turnpike.events.v1.Milestone.DTLS_CLIENT_HELLO;
            case DTLS_SERVER_HELLO -> io.turnpike.events.v1.Milestone.DTLS_SERVER_HELLO;
            case MEDIA_BOTH_WAYS -> io.turnpike.events.v1.Milestone.MEDIA_BOTH_WAYS;
        };
    }

    private static io.turnpike.events.v1.NodeState stateOf(NodeState state) {
        return switch (state) {
            case STARTING -> io.turnpike.events.v1.NodeState.STARTING;
            case SERVING -> io.turnpike.events.v1.NodeState.SERVING;
            case DRAINING -> io.turnpike.events.v1.NodeState.DRAINING;
            case STOPPED -> io.turnpike.events.v1.NodeState.STOPPED;
        };
    }

    private static String software(String text) {
        return text.length() <= MAX_SOFTWARE_CHARACTERS ? text : text.substring(0, MAX_SOFTWARE_CHARACTERS);
    }

    private static Instant micros(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MICROS);
    }

    private static int seconds(Duration duration) {
        return (int) Math.min(Integer.MAX_VALUE, duration.toSeconds());
    }

    private static int millis(Duration duration) {
        return (int) Math.max(0, Math.min(Integer.MAX_VALUE, duration.toMillis()));
    }
}
