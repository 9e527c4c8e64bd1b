/** What an allocation used: exact cumulative counters with one writer, and the samples made of them. */
package io.turnpike.node.usage;
