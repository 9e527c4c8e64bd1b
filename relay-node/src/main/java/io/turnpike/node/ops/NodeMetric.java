package io.turnpike.node.ops;

import java.util.List;
import java.util.stream.Stream;

/**
 * Every metric of a relay, once: the names and labels are public, so constants are added, never renamed. Base units; no
 * label ever holds a user, an allocation or an address.
 */
public enum NodeMetric {
    /** Wire bytes of relayed data by leg and direction as the relay sees it. */
    BYTES("turn_relay_bytes_total", Kind.COUNTER, "Relayed data in wire bytes (TURN framing included).", "leg",
            "direction"),
    /** Datagrams or messages of relayed data. */
    PACKETS("turn_relay_packets_total", Kind.COUNTER, "Relayed data in datagrams or messages.", "leg", "direction"),
    /** What was thrown away, by DropReason. */
    DROPPED_PACKETS("turn_relay_dropped_packets_total", Kind.COUNTER, "Packets thrown away; none of them is billed.",
            "reason"),
    /** Live allocations by client transport. */
    ALLOCATIONS("turn_relay_allocations", Kind.GAUGE, "Live allocations.", "transport"),
    /** Allocate requests of authenticated users by result (success, error) and STUN error code (0 for success). */
    ALLOCATION_REQUESTS("turn_relay_allocation_requests_total", Kind.COUNTER,
            "Allocate requests of authenticated users.",
            "result", "code"),
    /** Clients sent to another server while this one drains. */
    REDIRECTED("turn_relay_redirected_clients_total", Kind.COUNTER,
            "Allocate requests answered 300 while the node drains."),
    /** Whether new clients are sent away. */
    DRAINING("turn_relay_draining", Kind.GAUGE, "1 while the node drains, else 0."),
    /** Allocations that followed their client to another address, by the transports before and after (RFC 8016). */
    ALLOCATION_MOVES("turn_relay_allocation_moves_total", Kind.COUNTER,
            "Allocations that followed their client to another address.", "from", "to"),
    /** Live permissions. */
    PERMISSIONS("turn_relay_permissions", Kind.GAUGE, "Live permissions."),
    /** Live channel bindings. */
    CHANNELS("turn_relay_channels", Kind.GAUGE, "Live channel bindings."),
    /** Allocations that ended, by EndReason. */
    ENDED_ALLOCATIONS("turn_relay_ended_allocations_total", Kind.COUNTER, "Allocations that ended.", "reason"),
    /** How long ended allocations lived. */
    ALLOCATION_DURATION("turn_relay_allocation_duration_seconds", Kind.HISTOGRAM, "Lifetime of ended allocations."),
    /** From the creation of an allocation to data both ways. */
    TIME_TO_MEDIA("turn_relay_time_to_media_seconds", Kind.HISTOGRAM,
            "Time from the creation of an allocation to data both ways."),
    /** Requests that were not authenticated, by STUN error code; the first 401 of every client is among them. */
    AUTH_FAILURES("turn_relay_auth_failures_total", Kind.COUNTER,
            "Requests answered 400, 401 or 438 before authentication; the first 401 of every client is routine.",
            "code"),
    /** TCP and TLS connections that have carried no allocation yet. */
    STREAM_NEWCOMERS("turn_relay_stream_newcomers", Kind.GAUGE,
            "TCP and TLS connections that have carried no allocation yet."),
    /** TLS handshakes that are under way. */
    TLS_HANDSHAKES("turn_relay_tls_handshakes", Kind.GAUGE, "TLS handshakes that are under way."),
    /** DTLS associations that nobody has allocated on yet. */
    DTLS_NEWCOMERS("turn_relay_dtls_newcomers", Kind.GAUGE,
            "DTLS associations that have carried no allocation yet, handshakes among them."),
    /** DTLS handshakes that hold a thread. */
    DTLS_HANDSHAKES("turn_relay_dtls_handshakes", Kind.GAUGE, "DTLS handshakes that are under way."),
    /** When the first of the certificates runs out. */
    TLS_CERTIFICATE_EXPIRY("turn_relay_tls_certificate_expiry_timestamp_seconds", Kind.GAUGE,
            "When the first of the certificates runs out, in Unix time; 0 without TLS."),
    /** Changed certificate files, by what became of them. */
    TLS_CERTIFICATE_RELOADS("turn_relay_tls_certificate_reloads_total", Kind.COUNTER,
            "Changed certificate files, taken (success) or unusable (error).", "result"),
    /** How late the event loops run. */
    EVENT_LOOP_LAG("turn_relay_event_loop_lag_seconds", Kind.GAUGE,
            "Largest delay of an event loop since the scrape before."),
    /** Events that wait for the publisher. */
    TELEMETRY_QUEUE("turn_telemetry_queue_records", Kind.GAUGE, "Events that wait for the publisher."),
    /** Telemetry records lost, by kind. */
    TELEMETRY_DROPPED("turn_telemetry_dropped_records_total", Kind.COUNTER, "Telemetry records lost.", "kind"),
    /** Events that a client can cause at will, left out beyond a few a second, by kind. */
    TELEMETRY_LEFT_OUT("turn_telemetry_left_out_records_total", Kind.COUNTER,
            "Events of repeated refresh or refused requests that were left out.", "kind"),
    /** Final records that wait on disk. */
    TELEMETRY_SPOOL("turn_telemetry_spool_bytes", Kind.GAUGE, "Final records that wait on disk."),
    /** From send to acknowledgement by Kafka. */
    TELEMETRY_SEND_LATENCY("turn_telemetry_send_latency_seconds", Kind.HISTOGRAM,
            "Time from sending a record to Kafka's acknowledgement."),
    /** Credit left, by tenant. */
    QUOTA_REMAINING("turn_quota_grant_remaining_bytes", Kind.GAUGE, "Granted bytes that are not spent.", "tenant"),
    /** Data stopped for want of credit, by tenant. */
    QUOTA_THROTTLED("turn_quota_throttled_bytes_total", Kind.COUNTER, "Wire bytes dropped for want of quota.",
            "tenant"),
    /** Allocate requests answered 486, by tenant. */
    QUOTA_REJECTED("turn_quota_rejected_allocations_total", Kind.COUNTER, "Allocate requests answered 486.", "tenant"),
    /** Whether the control topics are read up to date. */
    QUOTA_CONTROL_CONNECTED("turn_quota_control_connected", Kind.GAUGE,
            "1 while the control topics are read up to date, else 0."),
    /** How old the newest grant is. */
    QUOTA_GRANT_AGE("turn_quota_grant_age_seconds", Kind.GAUGE, "Age of the newest grant, 0 before the first."),
    /** From asking for credit to the grant. */
    QUOTA_GRANT_WAIT("turn_quota_grant_wait_seconds", Kind.HISTOGRAM,
            "Time from a report that asks for credit to the grant that brings some, of quotas that are not short."),
    /** Tenants whose ledger does not answer. */
    QUOTA_CONTROL_LOST("turn_quota_control_lost_tenants", Kind.GAUGE,
            "Tenants whose ledger was asked and has been silent for quota.control-timeout."),
    /** Whether the spend log is ahead. */
    QUOTA_SPENDING_WRITTEN("turn_quota_spending_written_ahead", Kind.GAUGE,
            "1 while it is on disk how far hard quotas may be spent, 0 while the disk does not take it.");

    /** The label that {@link TenantLabels} bounds. */
    public static final String TENANT_LABEL = "tenant";

    private static final List<String> ALLOCATE_ERRORS = List.of("400", "420", "437", "440", "442", "486", "508");

    private final String exposedName;
    private final Kind kind;
    private final String help;
    private final List<String> labels;

    NodeMetric(String exposedName, Kind kind, String help, String... labels) {
        this.exposedName = exposedName;
        this.kind = kind;
        this.help = help;
        this.labels = List.of(labels);
    }

    /** What kind of series a metric has. */
    public enum Kind {
        /** Only grows; its name ends in {@code _total}. */
        COUNTER,
        /** Goes up and down. */
        GAUGE,
        /** Buckets, sum and count, in seconds. */
        HISTOGRAM
    }

    /** The name in the scrape; a histogram's series add {@code _bucket}, {@code _sum} and {@code _count}. */
    public String exposedName() {
        return exposedName;
    }

    /** What kind of series. */
    public Kind kind() {
        return kind;
    }

    /** One line for people. */
    public String help() {
        return help;
    }

    /** The label values that are known without any other package; a metric of open labels has none. */
    List<List<String>> knownSeries() {
        return switch (this) {
            case BYTES, PACKETS -> List.of(List.of("client", "rx"), List.of("client", "tx"), List.of("peer", "rx"),
                    List.of("peer", "tx"));
            case ALLOCATIONS -> List.of(List.of("udp"), List.of("tcp"), List.of("tls"), List.of("dtls"));
            case ALLOCATION_REQUESTS -> Stream
                    .concat(Stream.of(List.of("success", "0")),
                            ALLOCATE_ERRORS.stream().map(code -> List.of("error", code)))
                    .toList();
            case TELEMETRY_LEFT_OUT -> List.of(List.of("allocation_rejected"), List.of("allocation_step"));
            case AUTH_FAILURES -> List.of(List.of("400"), List.of("401"), List.of("438"));
            case TLS_CERTIFICATE_RELOADS -> List.of(List.of("success"), List.of("error"));
            case STREAM_NEWCOMERS, TLS_HANDSHAKES, DTLS_NEWCOMERS, DTLS_HANDSHAKES, TLS_CERTIFICATE_EXPIRY, PERMISSIONS,
                    CHANNELS, REDIRECTED, DRAINING,
                    EVENT_LOOP_LAG,
                    TELEMETRY_QUEUE, TELEMETRY_SPOOL, QUOTA_CONTROL_CONNECTED,
                    QUOTA_GRANT_AGE, QUOTA_CONTROL_LOST, QUOTA_SPENDING_WRITTEN ->
                List.of(List.of());
            case ENDED_ALLOCATIONS, ALLOCATION_MOVES, DROPPED_PACKETS, TELEMETRY_DROPPED, QUOTA_REMAINING,
                    QUOTA_THROTTLED, QUOTA_REJECTED,
                    ALLOCATION_DURATION,
                    TIME_TO_MEDIA, TELEMETRY_SEND_LATENCY, QUOTA_GRANT_WAIT ->
                List.of();
        };
    }

    /** Names of the labels, in the order in which values are given. */
    public List<String> labels() {
        return labels;
    }
}
