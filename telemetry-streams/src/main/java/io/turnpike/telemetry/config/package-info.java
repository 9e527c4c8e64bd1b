/** The configuration of the telemetry application: one validated record tree over {@code telemetry-reference.conf}. */
package io.turnpike.telemetry.config;
