package io.turnpike.telemetry.api;

import io.turnpike.control.v1.AccessTokenKey;
import io.turnpike.control.v1.DeleteTenant;
import io.turnpike.control.v1.PutQuota;
import io.turnpike.control.v1.PutTenant;
import io.turnpike.control.v1.RevokeCredential;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.control.v1.TenantSecret;
import io.turnpike.control.v1.WebhookCommand;
import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.CommandGateway;
import io.turnpike.telemetry.query.CommandOutcome;
import io.turnpike.telemetry.query.NodeShare;
import io.turnpike.telemetry.query.Quota;
import io.turnpike.telemetry.query.QuotaEvent;
import io.turnpike.telemetry.query.QuotaStatus;
import io.turnpike.telemetry.query.Tenant;
import io.turnpike.telemetry.query.TenantPage;
import io.turnpike.telemetry.query.TenantQueries;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Tenants with their secrets and revocations, and the ledger that writes them, their quotas and their webhooks. */
final class FakeTenants implements TenantQueries, CommandGateway {
    private final FakeStores stores;
    private final FakeQuotas quotas;
    private final FakeWebhooks webhooks;
    private final TreeMap<String, Tenant> tenants = new TreeMap<>();
    private final Map<String, List<TenantSecret>> secrets = new HashMap<>();
    private final Map<String, Instant> revocations = new HashMap<>();
    private final List<TenantCommand> commands = new ArrayList<>();
    private boolean isLedgerSilent;

    FakeTenants(FakeStores stores, FakeQuotas quotas, FakeWebhooks webhooks) {
        this.stores = stores;
        this.quotas = quotas;
        this.webhooks = webhooks;
    }

    synchronized void clear() {
        tenants.clear();
        secrets.clear();
        revocations.clear();
        commands.clear();
        isLedgerSilent = false;
    }

    synchronized void silenceLedger() {
        isLedgerSilent = true;
    }

    synchronized List<TenantCommand> commands() {
        return List.copyOf(commands);
    }

    @Override
    public synchronized Answer<TenantPage> tenants(int limit, Optional<String> after) {
        List<Tenant> rest = List
                .copyOf(after.map(id -> tenants.tailMap(id, false)).orElse(tenants).values());
        List<Tenant> page = rest.subList(0, Math.min(limit, rest.size()));
        return stores.answer(new TenantPage(page,
                rest.size() > limit ? Optional.of(page.get(limit - 1).id()) : Optional.empty()));
    }

    @Override
    public synchronized Answer<Optional<Tenant>> tenant(String tenantId) {
        return stores.answer(Optional.ofNullable(tenants.get(tenantId)));
    }

    @Override
    public synchronized Answer<List<TenantSecret>> sealedSecrets(String tenantId) {
        return stores.answer(secrets.getOrDefault(tenantId, List.of()));
    }

    @Override
    public synchronized Answer<Optional<Instant>> revokedAt(String tenantId, String userId) {
        return stores.answer(Optional.ofNullable(revocations.get(tenantId + '|' + userId)));
    }

    @Override
    public Answer<Quota> quota(String tenantId) {
        return quotas.quota(tenantId);
    }

    @Override
    public Answer<QuotaStatus> quotaStatus(String tenantId) {
        return quotas.quotaStatus(tenantId);
    }

    @Override
    public Answer<QuotaStatus> quotaStatus(String tenantId, String userId) {
        return quotas.quotaStatus(tenantId, userId);
    }

    @Override
    public Answer<List<NodeShare>> shares(String tenantId) {
        return quotas.shares(tenantId);
    }

    @Override
    public Answer<List<QuotaEvent>> quotaHistory(String tenantId, int limit) {
        return quotas.quotaHistory(tenantId, limit);
    }

    @Override
    public Answer<List<QuotaEvent>> usersQuotaHistory(String tenantId, Optional<String> userId, int limit) {
        return quotas.usersQuotaHistory(tenantId, userId, limit);
    }

    @Override
    public synchronized CompletionStage<CommandOutcome> submit(TenantCommand command) {
        commands.add(command);
        if (isLedgerSilent) {
            return new CompletableFuture<>();
        }
        return CompletableFuture.completedFuture(decide(command));
    }

    @Override
    public synchronized CompletionStage<CommandOutcome> submit(WebhookCommand command) {
        return CompletableFuture.completedFuture(webhooks.take(command, tenants.containsKey(command.getTenantId())));
    }

    private CommandOutcome decide(TenantCommand command) {
        String id = command.getTenantId();
        Tenant before = tenants.get(id);
        Object action = command.getAction();
        long version = action instanceof PutQuota
                ? quotas.version(id)
                : before == null ? 0 : before.version();
        if (command.getIfMatch() != null && command.getIfMatch() != version) {
            return new CommandOutcome.PreconditionFailed(version, "it is at version " + version);
        }
        if (action instanceof PutTenant put) {
            if (put.getSecrets() != null) {
                secrets.put(id, put.getSecrets());
            }
            List<String> kept = before == null ? List.of() : before.accessTokenKeyIds();
            List<String> keyIds = put.getAccessTokenKeys() == null
                    ? kept
                    : put.getAccessTokenKeys().stream().map(AccessTokenKey::getId).toList();
            tenants.put(id, new Tenant(id, version + 1, put.getDisplayName(), put.getStatus(),
                    secrets.getOrDefault(id, List.of()).stream().map(TenantSecret::getId).toList(),
                    put.getChannelNumbers(), put.getBillableRule(), put.getCredentialExpiry(), keyIds,
                    put.getServerNames(), put.getPeerAllow(), put.getPeerDeny(), command.getIssuedAt()));
            return new CommandOutcome.Applied(version + 1, before == null);
        }
        if (before == null) {
            return new CommandOutcome.Missing("there is no tenant " + id);
        }
        if (action instanceof DeleteTenant) {
            tenants.remove(id);
            return new CommandOutcome.Applied(version + 1, false);
        }
        if (action instanceof RevokeCredential revoke) {
            revocations.put(id + '|' + revoke.getUserId(), command.getIssuedAt());
            return new CommandOutcome.Applied(version, false);
        }
        return quotas.put(command, (PutQuota) action);
    }
}
