package io.turnpike.system.quota;

import static io.turnpike.system.quota.Invariant.require;

import io.turnpike.node.quota.NodeBooks;
import io.turnpike.telemetry.ledger.QuotaAccount;
import java.time.Duration;

/** How a run must end: everybody rests, and then has stopped. */
final class EndState {
    private static final long SECOND = 1_000_000_000L;
    private static final long KIB = 1024;
    /** What a clean stop may leave charged beyond what was sent: a slice and a datagram of each loop. */
    private static final long STRANDED_BY_A_LOOP = 64 * KIB + 8 * KIB;

    private final Simulation world;

    EndState(Simulation world) {
        this.world = world;
    }

    /** Nobody has traffic: what is not drawn must be with the ledger again. */
    void rest() {
        world.demandNothing();
        world.nodes.forEach(node -> node.traffic.endCalls());
        world.agenda.runFor(Duration.ofSeconds(330).toNanos());
        require(world.ledger.isIdle(), Invariant.NO_EXCEPTION, () -> "the ledger does not read on");
        if (world.witness.grantsWereLost()) {
            return;
        }
        world.witness.users().rests(world.nodes);
        for (SimulatedNode node : world.nodes) {
            for (NodeBooks.Entry entry : node.books.entries()) {
                require(entry.unspentBytes() == 0, Invariant.IDLE_PROCESSES_RETURN_CREDIT,
                        () -> node.name() + " is idle and holds " + entry.unspentBytes() + " in " + entry.periodId());
            }
            for (QuotaAccount account : world.witness.facts().accounts.values()) {
                boolean over = world.witness.periodEnds().isOver(account.key().periodId());
                require(!Witness.processOf(account).equals(node.name()) || over || Witness.unspentOf(account) == 0,
                        Invariant.IDLE_PROCESSES_RETURN_CREDIT, () -> node.name() + " is idle and charged with "
                                + Witness.unspentOf(account) + " of unspent credit in " + account.key().periodId());
            }
        }
    }

    /** Everybody stops; what was not sent must be with the ledger again. */
    void stopAll() {
        world.nodes.forEach(SimulatedNode::stop);
        world.agenda.runFor(50 * SECOND);
        if (world.witness.grantsWereLost()) {
            return;
        }
        world.nodes.forEach(node -> require(node.table.isSettled(), Invariant.STOPPED_PROCESSES_ARE_SETTLED,
                () -> node.name() + " is not settled"));
        for (QuotaAccount account : world.witness.facts().accounts.values()) {
            String process = Witness.processOf(account);
            if (world.witness.periodEnds().isOver(account.key().periodId())) {
                continue;
            }
            SimulatedNode node = world.nodes.stream().filter(one -> one.name().equals(process)).findFirst()
                    .orElse(null);
            if (node == null) {
                boolean wasTold = world.nodes.stream().anyMatch(one -> one.isToSettle(account.key()));
                require(!wasTold || account.closed(), Invariant.KILLED_PROCESSES_ARE_SETTLED,
                        () -> account.key().text() + " was written down, and is not settled");
                boolean isDead = world.processes.stream().anyMatch(one -> one.name().equals(process));
                require(isDead, Invariant.STRANDED_AT_THE_DEAD_ONLY, () -> "nobody has ever been " + process);
                continue;
            }
            String periodId = account.key().periodId();
            SimulatedNode.Tally tally = node.tally(periodId);
            require(account.closed() || account.grantBytes() == 0, Invariant.STOPPED_PROCESSES_ARE_SETTLED,
                    () -> account.key().text() + " is not settled");
            require(Witness.unspentOf(account) == 0, Invariant.STRANDED_AT_THE_DEAD_ONLY,
                    () -> account.key().text() + " keeps " + Witness.unspentOf(account));
            long stranded = Witness.chargeOf(account) - tally.bytes();
            require(stranded >= 0, Invariant.FORWARDED_WITHIN_QUOTA,
                    () -> account.key().text() + " is charged with less than it sent: " + stranded);
            require(stranded <= world.weather.loops() * STRANDED_BY_A_LOOP + tally.refundedBytes,
                    Invariant.STOPPED_PROCESSES_ARE_SETTLED,
                    () -> account.key().text() + " is charged with " + stranded + " more than it sent");
        }
    }
}
