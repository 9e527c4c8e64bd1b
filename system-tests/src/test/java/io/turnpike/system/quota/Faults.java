package io.turnpike.system.quota;

import io.turnpike.node.event.NodeIdentity;
import java.time.Duration;
import java.util.List;

/** The faults of the seed's {@link Weather}: each strikes again and again, until they are over. */
final class Faults {
    private static final long SECOND = 1_000_000_000L;

    private final Simulation world;
    private boolean died;

    Faults(Simulation world) {
        this.world = world;
    }

    void begin() {
        for (Weather.Fault fault : world.weather.pauses().keySet()) {
            strikeLater(fault);
        }
    }

    /** Whether a process was killed. */
    boolean hasKilled() {
        return died;
    }

    private void strikeLater(Weather.Fault fault) {
        long mean = world.weather.pauses().get(fault).toNanos();
        world.later(mean / 4 + world.upTo(mean * 3 / 2), () -> {
            strike(fault);
            strikeLater(fault);
        });
    }

    private void strike(Weather.Fault fault) {
        SimulatedNode node = world.anyNode();
        switch (fault) {
            case KILL_LEDGER -> world.ledger.kill(false, world.upTo(30 * SECOND));
            case LOSE_STORE -> world.ledger.kill(true, world.upTo(20 * SECOND));
            case LEDGER_CLOCK -> world.ledger.setClock(world.upTo(240 * SECOND) - 120 * SECOND);
            case VOLUME -> world.operator.putSomeQuota();
            case SWITCH_OFF -> world.operator.switchMode();
            case OTHER_PERIOD -> world.operator.putOtherPeriod();
            case DELETE_TENANT -> {
                world.operator.deleteTenant();
                world.later(world.upTo(20 * SECOND), () -> {
                    world.operator.putTenant();
                    world.operator.putSomeQuota();
                });
            }
            case COMPACT -> world.control.compact((int) world.upTo(world.control.size()));
            case LONG_NIGHT -> {
                world.passTime(Duration.ofDays(1 + world.random.nextInt(4)));
                world.history.note(() -> "a night passes");
            }
            case UNCLEAN_ELECTION -> {
                world.witness.grantsAreLost();
                int lost = world.control.loseGrants(1 + world.random.nextInt(8));
                world.history.note(() -> lost + " grants are lost");
                world.ledger.kill(true, world.upTo(5 * SECOND));
            }
            default -> {
                if (node != null) {
                    strike(fault, node);
                }
            }
        }
    }

    private void strike(Weather.Fault fault, SimulatedNode node) {
        String nodeId = node.identity.nodeId();
        switch (fault) {
            case KILL_NODE -> {
                died = true;
                node.kill();
                world.later(world.upTo(20 * SECOND), () -> world.startProcess(nodeId));
            }
            case STOP_NODE -> {
                if (!node.isStopping()) {
                    node.stop();
                    world.later(world.upTo(40 * SECOND), () -> world.startProcess(nodeId));
                }
            }
            case TWIN -> world.startProcess(nodeId, true, world.random.nextBoolean());
            case DISK_FULL -> node.disk.failFor(world.upTo(60 * SECOND));
            case DISK_DAMAGED -> node.disk.damage();
            case SUSPEND_NODE -> node.suspendFor(world.upTo(100 * SECOND));
            case NODE_CLOCK -> node.setClock(world.upTo(240 * SECOND) - 120 * SECOND);
            case LINK_DOWN -> node.link.goDownFor(world.upTo((world.operator.isCapping() ? 150 : 60) * SECOND));
            case READ_AGAIN -> node.link.readAgain();
            case STALL_LOOP -> node.traffic.stallLoop(world.upTo(10 * SECOND));
            default -> throw new IllegalArgumentException(fault.toString());
        }
    }

    /** No fault any more; operators have stopped those that have lost their name to a later process. */
    void heal() {
        world.calmDown();
        world.history.note(() -> "the faults are over");
        world.ledger.setClock(0);
        world.ledger.kill(false, SECOND);
        world.healDisks();
        world.nodes.removeIf(node -> !node.isAlive());
        for (SimulatedNode node : List.copyOf(world.nodes)) {
            boolean replaced = world.processes.stream().anyMatch(other -> isLater(other, node));
            if (replaced || node.isStopping() || node.link.isFencedByRecord()) {
                died = true;
                node.kill();
            } else {
                node.heal();
            }
        }
        world.nodes.removeIf(node -> !node.isAlive());
        for (int i = 1; i <= world.weather.nodes(); i++) {
            String nodeId = "r" + i;
            if (world.nodes.stream().noneMatch(node -> node.identity.nodeId().equals(nodeId))) {
                world.startProcess(nodeId);
            }
        }
    }

    private static boolean isLater(SimulatedNode other, SimulatedNode node) {
        NodeIdentity a = other.identity;
        NodeIdentity b = node.identity;
        return a.nodeId().equals(b.nodeId()) && (a.epoch() > b.epoch()
                || a.epoch() == b.epoch() && Long.compareUnsigned(a.processNonce(), b.processNonce()) > 0);
    }
}
