/** The telemetry application: {@link io.turnpike.telemetry.TelemetryApp} is where to begin reading. */
package io.turnpike.telemetry;
