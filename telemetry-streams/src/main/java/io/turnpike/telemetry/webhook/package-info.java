/**
 * Webhooks: audits that are committed go to the endpoints of their tenant. {@link io.turnpike.telemetry.webhook.AuditReader}
 * reads, {@link io.turnpike.telemetry.webhook.Deliveries} decides, {@link io.turnpike.telemetry.webhook.HttpSender} sends.
 */
package io.turnpike.telemetry.webhook;
