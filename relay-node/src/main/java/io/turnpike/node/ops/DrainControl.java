package io.turnpike.node.ops;

import java.time.Duration;
import java.util.Optional;

/** Takes a node out of service and back, for the operator. Thread-safe. */
public interface DrainControl {
    /**
     * Sends new clients away from now on; again, with another deadline.
     *
     * @param deadline when live allocations are ended; empty lets them live until their clients end them
     */
    void begin(Optional<Duration> deadline);

    /** Takes new clients again. */
    void end();

    /** How it stands. */
    Status status();

    /**
     * How a drain stands.
     *
     * @param draining whether new clients are sent away
     * @param remaining time to the deadline, if there is one
     * @param allocations live allocations
     */
    record Status(boolean draining, Optional<Duration> remaining, int allocations) {}
}
