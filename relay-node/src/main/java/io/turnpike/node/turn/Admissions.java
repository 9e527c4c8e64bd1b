package io.turnpike.node.turn;

import io.turnpike.node.allocation.AllocationOwner;
import io.turnpike.node.quota.Admission;
import java.util.function.Consumer;

/** Asks the quota whether somebody may allocate; the answer comes on the asking event loop, at once or later. */
@FunctionalInterface
public interface Admissions {
    /** Asks once; {@code answer} is called exactly once. */
    void admit(AllocationOwner owner, Consumer<Admission> answer);
}
