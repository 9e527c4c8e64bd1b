package io.turnpike.system.quota;

import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;

import io.turnpike.node.quota.Admission;
import io.turnpike.node.quota.NodeBooks;
import java.util.ArrayList;
import java.util.List;

/** The traffic of one process: event loops whose tasks are steps of the simulation, and calls that come, relay and go. */
final class SimulatedTraffic {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;
    private static final int MOST_CALLS = 4;

    private final Simulation world;
    private final SimulatedNode node;
    private final List<EventLoop> loops = new ArrayList<>();
    private final List<Call> calls = new ArrayList<>();
    private int waiting;
    private long arrivals;

    SimulatedTraffic(SimulatedNode node) {
        world = node.world;
        this.node = node;
        for (int i = 0; i < world.weather.loops(); i++) {
            loops.add(new EventLoop(node, i));
        }
    }

    /** Somebody may call in the next second. */
    void start() {
        arriveIn(world.upTo(SECOND));
    }

    private final class Call {
        private final EventLoop loop;
        private final ShareWitness.Held held;
        private final io.turnpike.node.quota.Allowance allowance;
        private final String userId;
        private final boolean stream = world.random.nextInt(3) == 0;
        private final int burst = 1 + world.random.nextInt(30);
        private final long pauseNanos = (50 + world.random.nextInt(2_000)) * MILLI;

        Call(EventLoop loop, String userId, io.turnpike.node.quota.Allowance allowance, ShareWitness.Held held) {
            this.loop = loop;
            this.userId = userId;
            this.held = held;
            this.allowance = allowance;
            calls.add(this);
            loop.execute(this::relay);
            if (!world.calm()) {
                node.in((5 + world.random.nextInt(120)) * SECOND, "hang up", () -> {
                    if (!world.isUsingEverything()) {
                        loop.execute(this::end);
                    }
                });
            }
        }

        private void relay() {
            if (!calls.contains(this)) {
                return;
            }
            int most = world.isUsingEverything() ? 60 : burst;
            int sent = 0;
            boolean went = true;
            while (sent < most && went) {
                went = stream ? relayStream() : relayDatagram();
                sent++;
            }
            long pause = world.isUsingEverything() ? 100 * MILLI : pauseNanos / 2 + world.upTo(pauseNanos);
            node.in(pause, "data", () -> loop.execute(this::relay));
        }

        private boolean relayDatagram() {
            int bytes = 60 + world.random.nextInt(1_140);
            if (!allowance.debit(bytes, CLIENT_TO_PEER)) {
                return false;
            }
            forwarded(bytes);
            if (world.random.nextInt(200) == 0) {
                refuseLater(node.books.position(), node.books.position(userId), bytes);
            }
            return true;
        }

        private boolean relayStream() {
            int bytes = 1 + world.random.nextInt(8_192);
            int went = allowance.debitUpTo(bytes, CLIENT_TO_PEER);
            if (went > 0) {
                forwarded(went);
            }
            return went == bytes;
        }

        /** The socket refuses it after all, and nothing was sent. */
        private void refuseLater(NodeBooks.Position position, NodeBooks.Position ofUser, int bytes) {
            node.in(world.upTo(SECOND), "refused", () -> {
                if (calls.contains(this)) {
                    allowance.refund(bytes);
                    world.witness.nodes().refused(node, position, bytes);
                    world.witness.users().refused(node, userId, ofUser, bytes);
                }
            });
        }

        private void forwarded(int bytes) {
            world.witness.nodes().forwarded(node, node.books.position(), bytes);
            world.witness.users().forwarded(node, userId, node.books.position(userId), bytes);
        }

        private void end() {
            if (calls.remove(this)) {
                allowance.close();
                world.shareWitness.ended(held);
            }
        }
    }

    private void arrive() {
        if (!node.isStopping() && world.hasDemand()) {
            EventLoop loop = loops.get(world.random.nextInt(loops.size()));
            int wanted = world.calm() ? loops.size() : MOST_CALLS;
            if (calls.size() + waiting < wanted) {
                waiting++;
                loop.execute(() -> admit(loop));
            }
        }
        if (!world.calm()) {
            arriveIn(SECOND + world.upTo(15 * SECOND));
        } else if (world.hasDemand()) {
            arriveIn(200 * MILLI);
        }
    }

    private void arriveIn(long delayNanos) {
        long mine = ++arrivals;
        node.in(delayNanos, "arrivals", () -> {
            if (mine == arrivals) {
                arrive();
            }
        });
    }

    private void admit(EventLoop loop) {
        long askedAt = world.agenda.nowNanos();
        boolean[] asking = {true};
        String userId = world.someUser();
        node.table.admit(Simulation.TENANT, userId, loop.index, loop, answer -> {
            waiting--;
            world.witness.nodes().answered(node, world.agenda.nowNanos() - askedAt, asking[0], answer);
            if (answer instanceof Admission.Admitted admitted) {
                new Call(loop, userId, admitted.allowance(), world.shareWitness.admitted(node, userId));
            } else {
                world.history.note(() -> node.name() + " refuses an allocation: " + answer);
            }
        });
        asking[0] = false;
    }

    /** Everybody hangs up. */
    void endCalls() {
        List.copyOf(calls).forEach(call -> call.loop.execute(call::end));
    }

    /** Everybody is gone at once. */
    void dropCalls() {
        List.copyOf(calls).forEach(Call::end);
    }

    void stallLoop(long nanos) {
        loops.get(world.random.nextInt(loops.size())).stallFor(nanos);
    }

    /** The faults are over. */
    void heal() {
        loops.forEach(loop -> loop.stallFor(0));
        start();
    }

    boolean hasCallOf(String userId) {
        return calls.stream().anyMatch(call -> call.userId.equals(userId));
    }

    boolean hasCalls() {
        return !calls.isEmpty();
    }
}
