/**
 * Answers STUN and TURN requests: one switch, one handler for each method, each a list of checks in the order of its
 * section (RFC 8489, RFC 8656).
 */
package io.turnpike.node.turn;
