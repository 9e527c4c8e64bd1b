package io.turnpike.node.allocation;

import io.turnpike.node.allocation.Standing.Objection;
import io.turnpike.node.event.EndReason;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks through the allocations of one loop when the control plane has taken something from somebody, and ends those that
 * are not allowed any more: a bounded part in each turn of the loop, so that packets of others do not wait. Whom it concerns
 * is not looked up: there is no index that each allocation would have to pay for.
 *
 * <p>It misses none. What is made after it has begun is judged when it is made; what was there before is in front of it
 * until it is looked at, whatever comes and goes meanwhile. Confined to its event loop, but for {@link #ask}.
 */
public final class Review {
    /** About a tenth of a millisecond. */
    static final int LOOKS_PER_TURN = 512;
    /** An end closes a socket and tells final figures: what it costs in looks. So a turn ends 32 at most. */
    static final int LOOKS_OF_AN_END = 16;

    private static final Logger LOG = LoggerFactory.getLogger(Review.class);
    private static final int TENANTS_NAMED = 8;

    private final AllocationTable table;
    private final List<Allocation> live;
    private final Executor loop;
    private final Executor nextTurn;
    private final AtomicBoolean asked = new AtomicBoolean();
    private final Map<Objection, Integer> ended = new EnumMap<>(Objection.class);
    private final Set<String> tenants = new LinkedHashSet<>();
    /** Allocations in front of this place have not been looked at. */
    private int next;
    private boolean running;
    private boolean again;
    private boolean begunInTick;

    /**
     * Looks at nothing yet.
     *
     * @param table the loop's allocations
     * @param loop runs a task on the loop
     * @param nextTurn called on the loop; runs a task there after packets have had their turn
     */
    public Review(AllocationTable table, Executor loop, Executor nextTurn) {
        this.table = table;
        this.live = table.live();
        this.loop = loop;
        this.nextTurn = nextTurn;
    }

    /** Something was taken from somebody, and {@link Standing} shows it: whatever lives now is to be looked at. Thread-safe. */
    public void ask() {
        // Both sides read and write at once, so that a question that finds another one waiting is seen by its answer.
        if (!asked.getAndSet(true)) {
            try {
                loop.execute(this::begin);
            } catch (RejectedExecutionException e) {
                LOG.debug("the loop has stopped, and its allocations with it");
            }
        }
    }

    /** To be called by the loop's tick: what was asked meanwhile is answered, once for all that came in a tick. */
    public void tick() {
        begunInTick = false;
        if (again && !running) {
            start();
        }
    }

    private void begin() {
        asked.getAndSet(false);
        if (running || begunInTick) {
            again = true;
        } else {
            start();
        }
    }

    private void start() {
        again = false;
        begunInTick = true;
        running = true;
        next = live.size();
        step();
    }

    private void step() {
        boolean done = false;
        try {
            done = lookAtSome();
        } finally {
            if (done) {
                finish();
            } else {
                nextTurn.execute(this::step);
            }
        }
    }

    /** Whether all have been looked at. Who ends leaves its place to the last one, which is behind and was looked at, or in front. */
    private boolean lookAtSome() {
        for (int looks = LOOKS_PER_TURN; looks > 0; looks--) {
            next = Math.min(next, live.size());
            if (next == 0) {
                return true;
            }
            Allocation allocation = live.get(--next);
            Optional<Objection> objection = table.objection(allocation.refreshedBy());
            if (objection.isPresent()) {
                looks -= LOOKS_OF_AN_END - 1;
                table.end(allocation, EndReason.ADMIN);
                note(objection.get(), allocation.owner().tenantId());
            }
        }
        return false;
    }

    private void note(Objection objection, String tenantId) {
        ended.merge(objection, 1, Integer::sum);
        if (tenants.size() < TENANTS_NAMED) {
            tenants.add(tenantId);
        }
    }

    private void finish() {
        running = false;
        if (!ended.isEmpty()) {
            LOG.info(
                    "allocations ended by the control plane loop={} tenantNotServed={} credentialRevoked={} tenants={}",
                    table.siblings().own(), ended.getOrDefault(Objection.TENANT_NOT_SERVED, 0),
                    ended.getOrDefault(Objection.CREDENTIAL_REVOKED, 0), tenants);
            ended.clear();
            tenants.clear();
        }
    }
}
