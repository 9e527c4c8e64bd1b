/** Steps 9 and 14 of the path: events in, usage, outcomes and quota decisions out. Confined to stream threads. */
package io.turnpike.telemetry.topology;
