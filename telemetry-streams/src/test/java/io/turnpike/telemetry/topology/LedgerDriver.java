package io.turnpike.telemetry.topology;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.BillableRule;
import io.turnpike.control.v1.ChannelNumbers;
import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.PutQuota;
import io.turnpike.control.v1.PutTenant;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.control.v1.TenantStatus;
import io.turnpike.events.v1.EventHeader;
import io.turnpike.events.v1.QuotaAccountReport;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.telemetry.ledger.ControlHistory;
import io.turnpike.telemetry.store.RecordSerde;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;

/** The ledger's sub-topology in a test driver, and the records that go in. */
public final class LedgerDriver implements AutoCloseable {
    static {
        RecordCodec.prepareAvro();
    }

    public static final Instant START = Instant.parse("2026-11-22T12:00:00Z");
    public static final QuotaPolicy OFF = policy(QuotaMode.OFF, null);

    public final TopologyTestDriver driver;
    private long nodeSeq;

    public LedgerDriver(ControlHistory history) {
        Topology topology = new Topology();
        LedgerTopology.addTo(topology, OFF, history);
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "ledger-test");
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:1");
        driver = new TopologyTestDriver(topology, settings, START);
    }

    public static QuotaPolicy policy(QuotaMode mode, Long volume) {
        return QuotaPolicy.newBuilder().setTenantId("acme").setPolicyEpoch(0).setMode(mode)
                .setPeriod(QuotaPeriodKind.MONTH).setTimeZone("UTC").setVolumeBytes(volume)
                .setOnControlLoss(OnControlLoss.STOP).setTailPercent(0).setUpdatedAt(START).build();
    }

    public static PutTenant putTenant() {
        return PutTenant.newBuilder().setDisplayName("Acme").setStatus(TenantStatus.ACTIVE)
                .setChannelNumbers(ChannelNumbers.RFC8656).setBillableRule(BillableRule.BOTH_DIRECTIONS).build();
    }

    public static PutQuota hard(long volume) {
        return new PutQuota(policy(QuotaMode.HARD, volume));
    }

    public static TenantCommand command(Object action) {
        return TenantCommand.newBuilder().setCommandId(UUID.randomUUID().toString()).setTenantId("acme")
                .setActor("ops").setIssuedAt(START).setAction(action).build();
    }

    public String submit(Object action) {
        TenantCommand command = command(action);
        pipe(Topic.COMMAND, command.getTenantId(), command);
        return command.getCommandId();
    }

    /** A report of node r1, epoch 1, process 7. */
    public static TenantNodeUsage report(long nodeSeq, long policyEpoch, String periodId, long grantSeq, long cap,
            long drawn, long want) {
        QuotaAccountReport account = QuotaAccountReport.newBuilder().setPeriodId(periodId).setNodeEpoch(1)
                .setProcessNonce(7).setPolicyEpoch(policyEpoch).setGrantSeq(grantSeq).setCapBytes(cap)
                .setDrawnBytes(drawn).setSpentBytes(drawn).setWantBytes(want).setRateBytesPerSecond(0).build();
        return TenantNodeUsage.newBuilder()
                .setHeader(EventHeader.newBuilder().setNodeId("r1").setNodeEpoch(1).setNodeSeq(nodeSeq)
                        .setOccurredAt(START).setTenantId("acme").setUserId("").build())
                .setProcessNonce(7).setReportMonotonicNanos(nodeSeq).setPolicyEpochSeen(policyEpoch)
                .setAccounts(List.of(account)).setBillableBytes(drawn).setActiveAllocations(1).setActiveUsers(1)
                .build();
    }

    public void report(long policyEpoch, String periodId, long grantSeq, long cap, long drawn, long want) {
        pipe(Topic.TENANT_USAGE, "acme", report(nodeSeq++, policyEpoch, periodId, grantSeq, cap, drawn, want));
    }

    public void pipe(Topic topic, String key, SpecificRecord value) {
        driver.createInputTopic(topic.topicName(), new StringSerializer(), RecordSerde.<SpecificRecord>serializer())
                .pipeInput(key, value);
    }

    public <R extends SpecificRecord> List<TestRecord<String, R>> read(Topic topic, Class<R> type) {
        return driver.createOutputTopic(topic.topicName(), new StringDeserializer(), RecordSerde.deserializer(type))
                .readRecordsToList();
    }

    @Override
    public void close() {
        driver.close();
    }
}
