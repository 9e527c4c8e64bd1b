package io.turnpike.telemetry.query;

/** Usage of one user over the range of the question. */
public record UserUsage(String user, Usage usage) {
    /** Billable bytes, the sort key of the byte orders. */
    public long billableBytes() {
        return usage.billableBytes();
    }
}
