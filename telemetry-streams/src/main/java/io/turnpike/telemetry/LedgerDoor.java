package io.turnpike.telemetry;

import io.turnpike.contract.SecretSeal;
import io.turnpike.control.v1.BillableRule;
import io.turnpike.control.v1.PutTenant;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.control.v1.TenantSecret;
import io.turnpike.control.v1.TenantStatus;
import io.turnpike.telemetry.config.TelemetryConfig;
import io.turnpike.telemetry.query.CommandGateway;
import io.turnpike.telemetry.query.StoreReader;
import io.turnpike.telemetry.query.TenantQueries;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** What the API asks of the ledger. */
record LedgerDoor(TenantQueries tenants, CommandGateway commands) {
    private static final String ACTOR = "configuration";

    static LedgerDoor open(TelemetryConfig config, StoreReader stores, StreamRunner stream) {
        return new LedgerDoor(null, null);
    }

    void seed(TelemetryConfig config) {}

    void close() {}
}
