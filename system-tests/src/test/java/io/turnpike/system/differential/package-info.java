/** One script of requests, as bytes, against coturn and against the relay: each difference has a reason, or the test fails. */
package io.turnpike.system.differential;
