package io.turnpike.telemetry.topology;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.contract.QuotaPeriod;
import io.turnpike.contract.QuotaShareKey;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.Revocation;
import io.turnpike.control.v1.TenantRecord;
import io.turnpike.control.v1.Webhook;
import io.turnpike.telemetry.ledger.AccountStore;
import io.turnpike.telemetry.ledger.PeriodTotals;
import io.turnpike.telemetry.ledger.QuotaAccount;
import io.turnpike.telemetry.ledger.QuotaScope;
import io.turnpike.telemetry.ledger.QuotaStanding;
import io.turnpike.telemetry.ledger.TenantStore;
import io.turnpike.telemetry.ledger.WebhookStore;
import io.turnpike.telemetry.ledger.share.Share;
import io.turnpike.telemetry.ledger.share.ShareStore;
import io.turnpike.telemetry.store.LedgerStores;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** The ledger's stores over one task's state. Confined to the stream thread. */
final class LedgerStateStores implements AccountStore, TenantStore, WebhookStore, ShareStore {
    private final KeyValueStore<String, TenantRecord> tenants;
    private final KeyValueStore<String, QuotaPolicy> policies;
    private final KeyValueStore<String, QuotaStanding> quotas;
    private final KeyValueStore<String, QuotaAccount> accounts;
    private final KeyValueStore<String, PeriodTotals> totals;
    private final AuditHistory audits;
    private final KeyValueStore<String, Revocation> revocations;
    private final KeyValueStore<String, Webhook> webhooks;
    private final KeyValueStore<String, Share> shares;
    private final KeyValueStore<String, String> marker;

    LedgerStateStores(ProcessorContext<?, ?> context) {
        tenants = context.getStateStore(LedgerStores.TENANTS);
        policies = context.getStateStore(LedgerStores.POLICIES);
        quotas = context.getStateStore(LedgerStores.QUOTAS);
        accounts = context.getStateStore(LedgerStores.ACCOUNTS);
        totals = context.getStateStore(LedgerStores.TOTALS);
        audits = new AuditHistory(context.getStateStore(LedgerStores.AUDITS));
        revocations = context.getStateStore(LedgerStores.REVOCATIONS);
        webhooks = context.getStateStore(LedgerStores.WEBHOOKS);
        shares = context.getStateStore(LedgerStores.SHARES);
        marker = context.getStateStore(LedgerStores.MARKER);
    }

    boolean isRebuilt() {
        return marker.get(LedgerStores.REBUILT) != null;
    }

    void markRebuilt(String how) {
        marker.put(LedgerStores.REBUILT, how);
    }

    /** Keeps an audit for the API's history. */
    void keep(QuotaAudit audit) {
        audits.keep(audit);
    }

    @Override
    public Optional<TenantRecord> tenant(String tenantId) {
        return Optional.ofNullable(tenants.get(tenantId));
    }

    @Override
    public void put(TenantRecord tenant) {
        tenants.put(tenant.getTenantId(), tenant);
    }

    @Override
    public Optional<QuotaPolicy> policy(String tenantId) {
        return Optional.ofNullable(policies.get(tenantId));
    }

    @Override
    public void put(QuotaPolicy policy) {
        policies.put(policy.getTenantId(), policy);
    }

    @Override
    public List<Webhook> webhooks(String tenantId) {
        List<Webhook> found = new ArrayList<>();
        LedgerStores.each(webhooks, LedgerStores.prefix(tenantId), (key, webhook) -> found.add(webhook));
        return found;
    }

    @Override
    public void put(Webhook webhook) {
        webhooks.put(LedgerStores.user(webhook.getTenantId(), webhook.getName()), webhook);
    }

    @Override
    public void forgetWebhook(String tenantId, String name) {
        webhooks.delete(LedgerStores.user(tenantId, name));
    }

    @Override
    public Optional<Revocation> revocation(String tenantId, String userId) {
        return Optional.ofNullable(revocations.get(LedgerStores.user(tenantId, userId)));
    }

    @Override
    public void put(Revocation revocation) {
        revocations.put(LedgerStores.user(revocation.getTenantId(), revocation.getUserId()), revocation);
    }

    @Override
    public List<QuotaAudit> recentAudits(String tenantId) {
        return audits.ofTenant(tenantId);
    }

    @Override
    public Optional<QuotaAccount> account(QuotaAccountKey key) {
        return Optional.ofNullable(accounts.get(LedgerStores.account(key)));
    }

    @Override
    public void put(QuotaAccount account) {
        accounts.put(LedgerStores.account(account.key()), account);
    }

    @Override
    public void forget(QuotaAccountKey key) {
        accounts.delete(LedgerStores.account(key));
    }

    @Override
    public void eachAccount(QuotaScope scope, String periodId, Consumer<QuotaAccount> visitor) {
        LedgerStores.each(accounts, LedgerStores.prefix(scope, periodId), (key, account) -> visitor.accept(account));
    }

    @Override
    public Optional<PeriodTotals> totals(QuotaScope scope, String periodId) {
        return Optional.ofNullable(totals.get(LedgerStores.prefix(scope, periodId)));
    }

    @Override
    public void put(PeriodTotals sums) {
        totals.put(LedgerStores.prefix(sums.scope(), sums.period().id()), sums);
    }

    @Override
    public void forgetTotals(QuotaScope scope, String periodId) {
        totals.delete(LedgerStores.prefix(scope, periodId));
    }

    @Override
    public List<QuotaPeriod> periods(QuotaScope scope) {
        List<QuotaPeriod> found = new ArrayList<>();
        LedgerStores.each(totals, LedgerStores.prefix(scope.text()), (key, sums) -> found.add(sums.period()));
        return found;
    }

    @Override
    public Optional<QuotaStanding> quota(QuotaScope scope) {
        return Optional.ofNullable(quotas.get(scope.text()));
    }

    @Override
    public void put(QuotaStanding quota) {
        quotas.put(quota.scope().text(), quota);
    }

    @Override
    public void forgetQuota(QuotaScope scope) {
        quotas.delete(scope.text());
    }

    @Override
    public void eachScope(Consumer<QuotaScope> visitor) {
        try (KeyValueIterator<String, QuotaStanding> all = quotas.all()) {
            all.forEachRemaining(entry -> visitor.accept(QuotaScope.parse(entry.key)));
        }
    }

    @Override
    public void eachShare(Consumer<Share> visitor) {
        try (KeyValueIterator<String, Share> all = shares.all()) {
            all.forEachRemaining(entry -> visitor.accept(entry.value));
        }
    }

    @Override
    public void put(Share share) {
        shares.put(share.key().text(), share);
    }

    @Override
    public void forget(QuotaShareKey key) {
        shares.delete(key.text());
    }
}
