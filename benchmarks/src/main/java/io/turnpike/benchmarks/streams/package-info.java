/** {@code ./turnpike bench streams}: what the telemetry application makes of a trace of events, and at which cost. */
package io.turnpike.benchmarks.streams;
