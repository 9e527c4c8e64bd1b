/** Drives the dashboard in Debian's Chromium; the system tests use it too. */
package io.turnpike.telemetry.dashboard;
