/**
 * UDP by Linux's own calls: several datagrams for one, bursts as one (UDP GRO and GSO). Reads and writes the kernel's
 * structures in memory of its own; what makes the calls comes from a later JDK.
 */
package io.turnpike.node.transport.linux;
