package io.turnpike.telemetry.ledger.share;

import io.turnpike.contract.QuotaShareKey;
import io.turnpike.contract.RecordCodec;
import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.QuotaShare;
import io.turnpike.events.v1.EventHeader;
import io.turnpike.events.v1.ShareReport;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.events.v1.UserSlotReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A ledger of shares over a store of bytes, with manual clocks, and nodes that take what it publishes. */
final class ShareBench implements ShareStore {
    static {
        RecordCodec.prepareAvro();
    }

    static final String TENANT = "acme";
    private static final Instant START = Instant.parse("2026-11-22T12:00:00Z");

    final TreeMap<String, byte[]> rows = new TreeMap<>();
    final List<QuotaShare> published = new ArrayList<>();
    long nanos = 5;
    private ShareLedger ledger = new ShareLedger(this);
    private QuotaPolicy policy;
    private long nodeSeq;

    ShareBench(Long rate, Integer allocations, Integer perUser) {
        follow(rate, allocations, perUser);
    }

    void follow(Long rate, Integer allocations, Integer perUser) {
        policy = QuotaPolicy.newBuilder().setTenantId(TENANT)
                .setPolicyEpoch(policy == null ? 1 : policy.getPolicyEpoch() + 1)
                .setMode(QuotaMode.HARD).setPeriod(QuotaPeriodKind.MONTH).setTimeZone("UTC").setVolumeBytes(null)
                .setRateBitsPerSecond(rate).setMaxAllocations(allocations).setMaxAllocationsPerUser(perUser)
                .setOnControlLoss(OnControlLoss.STOP).setUpdatedAt(START).build();
        published.addAll(ledger.onPolicy(policy, START, nanos));
    }

    void pass(Duration time) {
        nanos += time.toNanos();
        ledger.onTick(nanos);
    }

    /** Another instance of the program over the same store. */
    void restart() {
        ledger = new ShareLedger(this);
    }

    Share row(Node node) {
        return Share.fromBytes(rows.get(node.key.text()));
    }

    @Override
    public void eachShare(Consumer<Share> visitor) {
        rows.values().stream().map(Share::fromBytes).forEach(visitor);
    }

    @Override
    public void put(Share share) {
        rows.put(share.key().text(), share.toBytes());
    }

    @Override
    public void forget(QuotaShareKey key) {
        rows.remove(key.text());
    }

    /** A node that says what it is told to say, and takes shares when it is told to read. */
    final class Node {
        final QuotaShareKey key;
        final Map<String, QuotaShare> users = new HashMap<>();
        QuotaShare share;
        long demand;
        int used;
        int wanted;
        int slots;

        Node(String nodeId) {
            key = new QuotaShareKey(TENANT, nodeId, 1, nodeId.hashCode(), "");
        }

        long seq() {
            return share == null ? 0 : share.getShareSeq();
        }

        long rate() {
            return share == null ? 0 : share.getRateBitsPerSecond();
        }

        /** Reports, and takes what comes of it; so do all others only when they {@link #read}. */
        void report(UserSlotReport... entries) {
            report(false, entries);
            read();
        }

        void report(boolean last, UserSlotReport... entries) {
            TenantNodeUsage usage = TenantNodeUsage.newBuilder()
                    .setHeader(new EventHeader(key.nodeId(), key.nodeEpoch(), nodeSeq++, START, TENANT, ""))
                    .setProcessNonce(key.processNonce()).setReportMonotonicNanos(nanos)
                    .setPolicyEpochSeen(policy.getPolicyEpoch()).setAccounts(List.of()).setBillableBytes(0)
                    .setActiveAllocations(used).setActiveUsers(0)
                    .setShare(new ShareReport(seq(), rate(), demand, slots, used, wanted, last, List.of(entries)))
                    .build();
            published.addAll(ledger.onReport(usage, policy, START, nanos));
        }

        UserSlotReport user(String userId, int userUsed, int userWanted) {
            QuotaShare known = users.get(userId);
            return new UserSlotReport(userId, known == null ? 0 : known.getShareSeq(),
                    known == null ? userUsed : Math.max(userUsed, known.getSlots()), userUsed, userWanted);
        }

        /** Takes what was published for it. */
        void read() {
            for (QuotaShare record : published) {
                if (record.getNodeId().equals(key.nodeId())) {
                    if (!record.getUserId().isEmpty()) {
                        users.put(record.getUserId(), record);
                    } else {
                        share = record;
                        slots = Math.max(used, record.getSlots());
                    }
                }
            }
        }
    }
}
