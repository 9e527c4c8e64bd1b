/**
 * Who is asking: long-term credentials (RFC 8489 section 9.2) with stateless nonces, static users and TURN REST secrets
 * per tenant. Nothing is kept per source address. Credentials, nonces and keys appear in no log line and no toString.
 */
package io.turnpike.node.auth;
