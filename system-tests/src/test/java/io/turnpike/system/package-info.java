/** What Turnpike promises, proved over a real cluster: one interface, several ways to run one, guarantees as tests. */
package io.turnpike.system;
