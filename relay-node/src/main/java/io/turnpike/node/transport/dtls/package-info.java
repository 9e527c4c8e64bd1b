/**
 * DTLS 1.2 as a server speaks it (RFC 6347): cookies that prove a client's address before anything is kept, handshakes on
 * a few threads of their own, records on the event loop of the flow. It knows bytes and addresses, no channels. The only
 * package that knows Bouncy Castle.
 */
package io.turnpike.node.transport.dtls;
