package io.turnpike.system.quota;

import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;

/** Runs seeds; a class loader of its own may hold it, with the whole product, so it speaks in types of the JDK. */
public final class SimulationRun implements LongFunction<Optional<String>> {
    /** Runs a seed; says which invariant is broken and how, or nothing. */
    @Override
    public Optional<String> apply(long seed) {
        return Optional.ofNullable(run(new Simulation(seed, false))).map(InvariantBroken::getMessage);
    }

    /** What happened in the run of a seed. */
    static List<String> history(long seed) {
        Simulation simulation = new Simulation(seed, true);
        InvariantBroken broken = run(simulation);
        simulation.history.note(() -> broken == null ? "all invariants hold" : broken.getMessage());
        return simulation.history.lines();
    }

    /** Steps that the run of a seed takes. */
    static long steps(long seed) {
        Simulation simulation = new Simulation(seed, false);
        run(simulation);
        return simulation.agenda.steps();
    }

    private static InvariantBroken run(Simulation simulation) {
        try {
            simulation.run();
            return null;
        } catch (InvariantBroken e) {
            return e;
        } catch (RuntimeException e) { // of the simulation itself: one such seed hides no other
            InvariantBroken broken = new InvariantBroken(Invariant.NO_EXCEPTION, "in the simulation: " + e);
            broken.initCause(e);
            return broken;
        }
    }
}
