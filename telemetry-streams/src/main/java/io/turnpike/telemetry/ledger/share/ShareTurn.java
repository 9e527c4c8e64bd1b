package io.turnpike.telemetry.ledger.share;

import io.turnpike.contract.QuotaShareKey;
import io.turnpike.contract.RateCap;
import io.turnpike.contract.TenantName;
import io.turnpike.control.v1.QuotaShare;
import io.turnpike.events.v1.ShareReport;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.events.v1.UserSlotReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The working memory of one decision on shares: what was touched and what goes out. It writes the store at its end. */
final class ShareTurn {
    private final TenantShares tenant;
    private final ShareStore store;
    private final Caps caps;
    private final long policyEpoch;
    private final Instant now;
    private final long nanos;
    private final Map<Share, LeasedProcess> touched = new LinkedHashMap<>();
    private final Map<Share, LeasedProcess> issued = new LinkedHashMap<>();
    private final List<QuotaShare> farewells = new ArrayList<>();

    ShareTurn(TenantShares tenant, ShareStore store, Caps caps, long policyEpoch, Instant now, long nanos) {
        this.tenant = tenant;
        this.store = store;
        this.caps = caps;
        this.policyEpoch = policyEpoch;
        this.now = now;
        this.nanos = nanos;
    }

    /** Takes a report into the books and answers it. */
    void take(TenantNodeUsage usage, QuotaShareKey key) {
        ShareReport report = usage.getShare();
        LeasedProcess process = tenant.find(key).orElse(null);
        if (process != null && usage.getHeader().getNodeSeq() <= process.share.reportSeq) {
            return;
        }
        if (report.getFinalReport()) {
            farewell(process, key, usage);
            return;
        }
        if (process == null) {
            if (!caps.areAny()) {
                return;
            }
            process = meet(key, report);
        }
        note(process, usage);
        if (!caps.areAny()) {
            touched.put(process.share, process);
            return;
        }
        takeUsers(process, report);
        divide(report);
        answer(process, report);
    }

    /** The process has given up everything before it said so, and takes nothing that answers an earlier report. */
    private void farewell(LeasedProcess process, QuotaShareKey key, TenantNodeUsage usage) {
        Share last = process == null ? new Share(key) : process.share;
        last.seq = Math.max(last.seq, usage.getShare().getShareSeq()) + 1;
        last.reportNanos = usage.getReportMonotonicNanos();
        if (process != null) {
            tenant.forget(process);
        }
        farewells.add(record(last, last.reportNanos).setRateBitsPerSecond(0).setHeldRateBitsPerSecond(0).setSlots(0)
                .setHeldSlots(0).setFull(false).setClosed(true).build());
        if (process != null && caps.areAny()) {
            divideAll();
        }
    }

    /** First contact, or a process whose lease was over: what it says that it has counts, also beyond a cap. */
    private LeasedProcess meet(QuotaShareKey key, ShareReport report) {
        LeasedProcess process = new LeasedProcess(new Share(key), nanos);
        adopt(process.share, report);
        tenant.add(process);
        return process;
    }

    private void note(LeasedProcess process, TenantNodeUsage usage) {
        ShareReport report = usage.getShare();
        Share share = process.share;
        process.reportedAtNanos = nanos;
        share.reportNanos = usage.getReportMonotonicNanos();
        share.reportSeq = usage.getHeader().getNodeSeq();
        if (report.getShareSeq() > share.seq) {
            adopt(share, report);
        } else if (report.getShareSeq() >= share.anewSeq && namesNewest(share, report.getShareSeq())) {
            share.acknowledged(slots(report.getSlots()));
        }
        if (report.getShareSeq() >= share.anewSeq) {
            share.anewSeq = 0;
        }
        share.demandBitsPerSecond = Math.max(0,
                Math.min(report.getDemandBitsPerSecond(), RateCap.MOST_BITS_PER_SECOND));
        share.used = slots(report.getSlotsUsed());
        share.wanted = slots(report.getSlotsWanted());
        touched.put(share, process);
    }

    /** Under the sequence that the process names it has what it says; a new one tells it what it is given now. */
    private static void adopt(Share share, ShareReport report) {
        share.adopt(report.getShareSeq(), rate(report), slots(report.getSlots()));
        share.anewSeq = share.seq + 1;
    }

    private static boolean namesNewest(Share share, long seq) {
        return seq == share.seq;
    }

    private void takeUsers(LeasedProcess process, ShareReport report) {
        if (caps.allocationsPerUser() == null) {
            return;
        }
        for (UserSlotReport user : usersOf(report)) {
            Share share = process.users.get(user.getUserId());
            if (share == null) {
                share = new Share(process.key().of(user.getUserId()));
                share.adopt(user.getShareSeq(), 0, slots(user.getSlots()));
                share.issuedAtNanos = nanos - ShareRules.REPEAT.toNanos();
                process.users.put(user.getUserId(), share);
            } else if (user.getShareSeq() > share.seq) {
                share.adopt(user.getShareSeq(), 0, slots(user.getSlots()));
            } else if (namesNewest(share, user.getShareSeq())) {
                share.slots = Math.min(share.slots, slots(user.getSlots()));
                share.acknowledged(slots(user.getSlots()));
            }
            share.used = slots(user.getUsed());
            share.wanted = slots(user.getWanted());
            touched.put(share, process);
        }
    }

    private static long rate(ShareReport report) {
        return Math.max(0, Math.min(report.getRateBitsPerSecond(), RateCap.MOST_BITS_PER_SECOND));
    }

    /** No report can make the sums overflow. */
    private static int slots(int reported) {
        return Math.max(0, Math.min(reported, ShareRules.MOST_SLOTS));
    }

    private static List<UserSlotReport> usersOf(ShareReport report) {
        return report.getUsers().stream().limit(ShareRules.MOST_USERS)
                .filter(user -> TenantName.isUserId(user.getUserId())).toList();
    }

    private void divide(ShareReport report) {
        divideTenant();
        if (caps.allocationsPerUser() != null) {
            usersOf(report).forEach(user -> divideUser(user.getUserId()));
        }
    }

    /** Divides what the caps allow among all. */
    void divideAll() {
        if (!caps.areAny()) {
            return;
        }
        divideTenant();
        if (caps.allocationsPerUser() != null) {
            Set<String> users = new LinkedHashSet<>();
            tenant.processes().forEach(process -> users.addAll(process.users.keySet()));
            users.forEach(this::divideUser);
        }
    }

    private void divideTenant() {
        List<LeasedProcess> processes = List.copyOf(tenant.processes());
        if (caps.bitsPerSecond() != null) {
            long cap = caps.bitsPerSecond();
            List<Stake> stakes = processes.stream().map(process -> rateStake(process.share, cap)).toList();
            Division.ofRate(cap, stakes);
            for (int i = 0; i < stakes.size(); i++) {
                processes.get(i).share.bitsPerSecond = stakes.get(i).granted();
                processes.get(i).share.heldBitsPerSecond = stakes.get(i).held();
                issueIfChanged(processes.get(i).share, stakes.get(i));
            }
        }
        if (caps.allocations() != null) {
            divideSlots(caps.allocations(), processes.stream().map(process -> process.share).toList(), true);
        }
    }

    private void divideUser(String userId) {
        divideSlots(caps.allocationsPerUser(), tenant.sharesOf(userId), false);
    }

    private void divideSlots(int cap, List<Share> shares, boolean withSpare) {
        List<Stake> stakes = shares.stream().map(share -> slotStake(share, withSpare)).toList();
        Division.ofSlots(cap, stakes);
        long used = shares.stream().mapToLong(share -> share.used).sum();
        for (int i = 0; i < stakes.size(); i++) {
            Share share = shares.get(i);
            share.slots = (int) stakes.get(i).granted();
            share.heldSlots = (int) stakes.get(i).held();
            issueIfChanged(share, stakes.get(i));
            share.full = share.wanted > 0 && share.slots < share.used + share.wanted && used >= cap;
        }
    }

    /** A little more than what wants to pass, so that a growing demand shows; nothing where there is nobody. */
    private static Stake rateStake(Share share, long cap) {
        boolean busy = share.used > 0 || share.wanted > 0;
        long need = busy ? share.demandBitsPerSecond + share.demandBitsPerSecond / 16 + cap / 128 : 0;
        return new Stake(need, busy ? cap : 0, share.bitsPerSecond, share.heldBitsPerSecond);
    }

    /** Some more than what is used, so that an Allocate need not wait for the ledger. */
    private static Stake slotStake(Share share, boolean withSpare) {
        int need = share.used + share.wanted;
        return new Stake(need, withSpare && need > 0 ? 1 + need / 8 : 0, share.slots, share.heldSlots);
    }

    private void issueIfChanged(Share share, Stake stake) {
        if (stake.hasChanged()) {
            issue(processOf(share), share);
        }
    }

    private LeasedProcess processOf(Share share) {
        return tenant.find(share.key().of("")).orElseThrow();
    }

    private void answer(LeasedProcess process, ShareReport report) {
        Share share = process.share;
        if (share.anewSeq > 0 || share.full || process.isDueForRenewal(nanos)
                || isMissed(share, report.getShareSeq())) {
            issue(process, share);
        }
        if (caps.allocationsPerUser() != null) {
            // Who is in a report waits for an answer.
            usersOf(report).forEach(user -> issue(process, process.users.get(user.getUserId())));
        }
    }

    private boolean isMissed(Share share, long seenSeq) {
        return seenSeq < share.seq && nanos - share.issuedAtNanos >= ShareRules.REPEAT.toNanos();
    }

    private void issue(LeasedProcess process, Share share) {
        issued.put(share, process);
        touched.put(share, process);
    }

    /** Writes the store and hands out what must be published. */
    List<QuotaShare> end() {
        List<QuotaShare> records = new ArrayList<>(farewells);
        issued.forEach((share, process) -> {
            share.seq++;
            share.issuedAtNanos = nanos;
            if (share == process.share) {
                process.leased();
            }
            records.add(record(share, process.share.reportNanos).setAnew(share.anewSeq > 0).build());
        });
        touched.forEach((share, process) -> {
            if (share != process.share && share.isUnused()) {
                process.users.remove(share.key().userId());
                store.forget(share.key());
            } else {
                store.put(share);
            }
        });
        return records;
    }

    private QuotaShare.Builder record(Share share, long reportNanos) {
        QuotaShareKey key = share.key();
        return QuotaShare.newBuilder().setTenantId(key.tenantId()).setUserId(key.userId()).setNodeId(key.nodeId())
                .setNodeEpoch(key.nodeEpoch()).setProcessNonce(key.processNonce()).setPolicyEpoch(policyEpoch)
                .setShareSeq(share.seq).setRateBitsPerSecond(share.bitsPerSecond)
                .setHeldRateBitsPerSecond(share.heldBitsPerSecond).setSlots(share.slots).setHeldSlots(share.heldSlots)
                .setFull(share.full).setAnsweredReportMonotonicNanos(reportNanos)
                .setLeaseMillis((int) ShareRules.LEASE.toMillis()).setIssuedAt(now);
    }
}
