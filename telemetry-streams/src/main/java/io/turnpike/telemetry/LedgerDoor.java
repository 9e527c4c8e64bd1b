package io.turnpike.telemetry;

import io.turnpike.contract.SecretSeal;
import io.turnpike.control.v1.BillableRule;
import io.turnpike.control.v1.CredentialExpiry;
import io.turnpike.control.v1.PutTenant;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.control.v1.TenantSecret;
import io.turnpike.control.v1.TenantStatus;
import io.turnpike.telemetry.config.TelemetryConfig;
import io.turnpike.telemetry.query.CommandGateway;
import io.turnpike.telemetry.query.KafkaCommandGateway;
import io.turnpike.telemetry.query.Partitions;
import io.turnpike.telemetry.query.StoredTenantQueries;
import io.turnpike.telemetry.query.TenantQueries;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the API asks of the ledger: tenants and quotas, and the door for writes. */
final class LedgerDoor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerDoor.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String CONFIGURATION = "configuration";

    private final TenantQueries tenants;
    private final KafkaCommandGateway commands;
    private final Clock clock;
    private volatile boolean closed;

    private LedgerDoor(TenantQueries tenants, KafkaCommandGateway commands, Clock clock) {
        this.tenants = tenants;
        this.commands = commands;
        this.clock = clock;
    }

    static LedgerDoor open(Map<String, Object> kafka, QuotaPolicy defaultPolicy, Partitions partitions, Clock clock) {
        return new LedgerDoor(new StoredTenantQueries(partitions, defaultPolicy, clock),
                KafkaCommandGateway.start(kafka, PATIENCE), clock);
    }

    TenantQueries tenants() {
        return tenants;
    }

    CommandGateway commands() {
        return commands;
    }

    /** Asks for the configured tenants until the ledger answers; it makes those that do not exist yet. */
    void seed(TelemetryConfig config) {
        SecretSeal seal = SecretSeal.withKey(config.clusterKey());
        config.tenants().forEach(tenant -> seed(tenant, seal));
    }

    private void seed(TelemetryConfig.Tenant tenant, SecretSeal seal) {
        commands.submit(onlyIfAbsent(tenant, seal)).whenComplete((outcome, failure) -> {
            if (failure == null) {
                LOG.info("configured tenant tenant={} outcome={}", tenant.id(), outcome);
            } else if (!closed) {
                CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS).execute(() -> seed(tenant, seal));
            }
        });
    }

    private TenantCommand onlyIfAbsent(TelemetryConfig.Tenant tenant, SecretSeal seal) {
        List<TenantSecret> secrets = tenant.secrets().stream().map(secret -> TenantSecret.newBuilder()
                .setId(secret.id()).setAlgorithm(secret.algorithm())
                .setSealed(ByteBuffer.wrap(seal.seal(SecretSeal.tenantSecretContext(tenant.id(), secret.id()),
                        secret.secret().getBytes(StandardCharsets.UTF_8))))
                .build()).toList();
        PutTenant action = PutTenant.newBuilder().setDisplayName(tenant.displayName()).setStatus(TenantStatus.ACTIVE)
                .setSecrets(secrets).setChannelNumbers(tenant.channelNumbers())
                .setBillableRule(BillableRule.BOTH_DIRECTIONS).setCredentialExpiry(CredentialExpiry.ALLOCATE)
                .setServerNames(List.of()).setPeerAllow(List.of()).setPeerDeny(List.of()).build();
        return TenantCommand.newBuilder().setCommandId(UUID.randomUUID().toString()).setTenantId(tenant.id())
                .setActor(CONFIGURATION).setIssuedAt(clock.instant()).setIfMatch(0L).setAction(action).build();
    }

    @Override
    public void close() {
        closed = true;
        commands.close();
    }
}
