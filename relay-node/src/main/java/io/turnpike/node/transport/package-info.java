/**
 * Sockets and event loops: bytes in from clients and peers, bytes out to them. The only package that knows Netty's
 * channels; what it calls sees buffers, addresses and time, so that a faster data path can take its place.
 */
package io.turnpike.node.transport;
