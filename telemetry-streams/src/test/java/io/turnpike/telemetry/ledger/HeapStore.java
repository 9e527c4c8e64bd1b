package io.turnpike.telemetry.ledger;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.contract.QuotaPeriod;
import io.turnpike.contract.RecordCodec;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.Revocation;
import io.turnpike.control.v1.TenantRecord;
import io.turnpike.control.v1.Webhook;
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
        return Optional.ofNullable(accounts.get(key.text())).map(QuotaAccount::fromBytes);
    }

    @Override
    public void put(QuotaAccount account) {
        accounts.put(account.key().text(), account.toBytes());
    }

    @Override
    public void forget(QuotaAccountKey key) {
        accounts.remove(key.text());
    }

    @Override
    public void eachAccount(String tenantId, String periodId, Consumer<QuotaAccount> visitor) {
        String prefix = tenantId + '|' + periodId + '|';
        accounts.tailMap(prefix).entrySet().stream().takeWhile(entry -> entry.getKey().startsWith(prefix))
                .forEach(entry -> {
                    reads++;
                    visitor.accept(QuotaAccount.fromBytes(entry.getValue()));
                });
    }

    @Override
    public Optional<PeriodTotals> totals(String tenantId, String periodId) {
        reads++;
        return Optional.ofNullable(totals.get(tenantId + '|' + periodId)).map(PeriodTotals::fromBytes);
    }

    @Override
    public void put(PeriodTotals sums) {
        totals.put(sums.tenantId() + '|' + sums.period().id(), sums.toBytes());
    }

    @Override
    public void forgetTotals(String tenantId, String periodId) {
        totals.remove(tenantId + '|' + periodId);
    }

    @Override
    public List<QuotaPeriod> periods(String tenantId) {
        return totals.values().stream().map(PeriodTotals::fromBytes).filter(sums -> sums.tenantId().equals(tenantId))
                .map(PeriodTotals::period).toList();
    }

    @Override
    public Optional<QuotaStanding> quota(String tenantId) {
        reads++;
        return Optional.ofNullable(quotas.get(tenantId)).map(QuotaStanding::fromBytes);
    }

    @Override
    public void put(QuotaStanding quota) {
        quotas.put(quota.tenantId(), quota.toBytes());
    }

    @Override
    public void eachTenant(Consumer<String> visitor) {
        List.copyOf(quotas.keySet()).forEach(visitor);
    }
}
