/** {@code ./turnpike bench quota}: how fast and how exactly a cluster follows its quotas. */
package io.turnpike.benchmarks.quota;
