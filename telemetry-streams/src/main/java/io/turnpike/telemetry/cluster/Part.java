package io.turnpike.telemetry.cluster;

import java.time.Instant;
import java.util.Optional;

/**
 * What one partition answered.
 *
 * @param answer the answer
 * @param copyAsOf up to when the copy that was read has followed its owner; empty if the owner itself was read
 */
record Part<A>(A answer, Optional<Instant> copyAsOf) {}
