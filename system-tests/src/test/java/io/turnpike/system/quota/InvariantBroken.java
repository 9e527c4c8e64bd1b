package io.turnpike.system.quota;

/** An invariant does not hold. */
final class InvariantBroken extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Invariant invariant;

    InvariantBroken(Invariant invariant, String detail) {
        super(invariant + ": " + detail);
        this.invariant = invariant;
    }

    Invariant invariant() {
        return invariant;
    }
}
