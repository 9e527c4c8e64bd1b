package io.turnpike.telemetry.ledger;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.contract.QuotaPeriod;
import io.turnpike.contract.RecordCodec;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.Revocation;
import io.turnpike.control.v1.TenantRecord;
import io.turnpike.control.v1.Webhook;
import io.turnpike.telemetry.store.LedgerStores;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A store that keeps bytes as the real one does, so that nothing survives a restart by being the same object. */
final class HeapStore implements AccountStore, TenantStore, WebhookStore {
    private final Map<String, byte[]> tenants = new HashMap<>();
    private final Map<String, byte[]> policies = new HashMap<>();
    private final Map<String, byte[]> revocations = new HashMap<>();
    private final TreeMap<String, byte[]> webhooks = new TreeMap<>();
    private final TreeMap<String, byte[]> quotas = new TreeMap<>();
    private final TreeMap<String, byte[]> accounts = new TreeMap<>();
    private final TreeMap<String, byte[]> totals = new TreeMap<>();
    final List<QuotaAudit> audits = new ArrayList<>();
    int reads;

    HeapStore copy() {
        HeapStore copy = new HeapStore();
        copy.tenants.putAll(tenants);
        copy.policies.putAll(policies);
        copy.revocations.putAll(revocations);
        copy.webhooks.putAll(webhooks);
        copy.quotas.putAll(quotas);
        copy.accounts.putAll(accounts);
        copy.totals.putAll(totals);
        copy.audits.addAll(audits);
        return copy;
    }

    List<QuotaAccount> allAccounts() {
        return accounts.values().stream().map(QuotaAccount::fromBytes).toList();
    }

    @Override
    public Optional<TenantRecord> tenant(String tenantId) {
        return Optional.ofNullable(tenants.get(tenantId)).map(bytes -> RecordCodec.decode(bytes, TenantRecord.class));
    }

    @Override
    public void put(TenantRecord tenant) {
        tenants.put(tenant.getTenantId(), RecordCodec.encode(tenant));
    }

    @Override
    public Optional<QuotaPolicy> policy(String tenantId) {
        return Optional.ofNullable(policies.get(tenantId)).map(bytes -> RecordCodec.decode(bytes, QuotaPolicy.class));
    }

    @Override
    public void put(QuotaPolicy policy) {
        policies.put(policy.getTenantId(), RecordCodec.encode(policy));
    }

    @Override
    public List<Webhook> webhooks(String tenantId) {
        return webhooks.values().stream().map(bytes -> RecordCodec.decode(bytes, Webhook.class))
                .filter(webhook -> webhook.getTenantId().equals(tenantId)).toList();
    }

    @Override
    public void put(Webhook webhook) {
        webhooks.put(webhook.getTenantId() + '|' + webhook.getName(), RecordCodec.encode(webhook));
    }

    @Override
    public void forgetWebhook(String tenantId, String name) {
        webhooks.remove(tenantId + '|' + name);
    }

    @Override
    public Optional<Revocation> revocation(String tenantId, String userId) {
        return Optional.ofNullable(revocations.get(tenantId + '|' + userId))
                .map(bytes -> RecordCodec.decode(bytes, Revocation.class));
    }

    @Override
    public void put(Revocation revocation) {
        revocations.put(revocation.getTenantId() + '|' + revocation.getUserId(), RecordCodec.encode(revocation));
    }

    @Override
    public List<QuotaAudit> recentAudits(String tenantId) {
        return audits.stream().filter(audit -> audit.getTenantId().equals(tenantId)).toList();
    }

    @Override
    public Optional<QuotaAccount> account(QuotaAccountKey key) {
        reads++;
        return Optional.ofNullable(accounts.get(LedgerStores.account(key))).map(QuotaAccount::fromBytes);
    }

    @Override
    public void put(QuotaAccount account) {
        accounts.put(LedgerStores.account(account.key()), account.toBytes());
    }

    @Override
    public void forget(QuotaAccountKey key) {
        accounts.remove(LedgerStores.account(key));
    }

    @Override
    public void eachAccount(QuotaScope scope, String periodId, Consumer<QuotaAccount> visitor) {
        String prefix = LedgerStores.prefix(scope, periodId);
        accounts.tailMap(prefix).entrySet().stream().takeWhile(entry -> entry.getKey().startsWith(prefix))
                .forEach(entry -> {
                    reads++;
                    visitor.accept(QuotaAccount.fromBytes(entry.getValue()));
                });
    }

    @Override
    public Optional<PeriodTotals> totals(QuotaScope scope, String periodId) {
        reads++;
        return Optional.ofNullable(totals.get(LedgerStores.prefix(scope, periodId))).map(PeriodTotals::fromBytes);
    }

    Optional<PeriodTotals> totals(String tenantId, String periodId) {
        return totals(QuotaScope.tenant(tenantId), periodId);
    }

    @Override
    public void put(PeriodTotals sums) {
        totals.put(LedgerStores.prefix(sums.scope(), sums.period().id()), sums.toBytes());
    }

    @Override
    public void forgetTotals(QuotaScope scope, String periodId) {
        totals.remove(LedgerStores.prefix(scope, periodId));
    }

    @Override
    public List<QuotaPeriod> periods(QuotaScope scope) {
        return totals.values().stream().map(PeriodTotals::fromBytes).filter(sums -> sums.scope().equals(scope))
                .map(PeriodTotals::period).toList();
    }

    @Override
    public Optional<QuotaStanding> quota(QuotaScope scope) {
        reads++;
        return Optional.ofNullable(quotas.get(scope.text())).map(QuotaStanding::fromBytes);
    }

    Optional<QuotaStanding> quota(String tenantId) {
        return quota(QuotaScope.tenant(tenantId));
    }

    @Override
    public void put(QuotaStanding quota) {
        quotas.put(quota.scope().text(), quota.toBytes());
    }

    @Override
    public void forgetQuota(QuotaScope scope) {
        quotas.remove(scope.text());
    }

    @Override
    public void eachScope(Consumer<QuotaScope> visitor) {
        List.copyOf(quotas.keySet()).forEach(text -> visitor.accept(QuotaScope.parse(text)));
    }
}
