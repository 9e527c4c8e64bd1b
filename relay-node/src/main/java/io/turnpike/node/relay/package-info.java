/** Relays data between a client and its peers: permission, credit, framing, send (RFC 8656 sections 11 and 12). */
package io.turnpike.node.relay;
