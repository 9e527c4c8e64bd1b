/**
 * JMH microbenchmarks of what runs for each packet. Run {@link io.turnpike.benchmarks.Main} with JMH's own arguments;
 * {@code -prof gc} shows that the data path allocates nothing.
 */
package io.turnpike.benchmarks;
