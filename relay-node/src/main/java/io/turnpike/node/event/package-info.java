/** What happened, as immutable records, and the bounded buffer between event loops and the publisher thread. */
package io.turnpike.node.event;
