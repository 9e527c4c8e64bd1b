/** The relay load benchmark: one load, several servers, turn by turn. Start reading at {@link io.turnpike.benchmarks.relay.RelayBench}. */
package io.turnpike.benchmarks.relay;
