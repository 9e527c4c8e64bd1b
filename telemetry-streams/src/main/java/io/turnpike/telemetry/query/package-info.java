/**
 * What the API asks: interfaces and plain records, free of Kafka. The implementations beside them answer from the
 * Streams application's stores.
 *
 * <p>Three rules hold for every answer. It carries its {@link io.turnpike.telemetry.query.Freshness}. What is not known
 * is absent (an empty optional, a missing bucket in an incomplete answer), never 0. A store that cannot be read throws
 * {@link io.turnpike.telemetry.query.StoreUnavailable}. Implementations are called from several request threads at once
 * and may block.
 */
package io.turnpike.telemetry.query;
