package io.turnpike.telemetry.topology;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.contract.QuotaShareKey;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.QuotaShare;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.control.v1.TenantStatus;
import io.turnpike.control.v1.Webhook;
import io.turnpike.control.v1.WebhookCommand;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.telemetry.ledger.CommandDecision;
import io.turnpike.telemetry.ledger.CommandDesk;
import io.turnpike.telemetry.ledger.ControlHistory;
import io.turnpike.telemetry.ledger.Decisions;
import io.turnpike.telemetry.ledger.LedgerRebuild;
import io.turnpike.telemetry.ledger.QuotaLedger;
import io.turnpike.telemetry.ledger.WebhookDesk;
import io.turnpike.telemetry.ledger.share.Share;
import io.turnpike.telemetry.ledger.share.ShareLedger;
import io.turnpike.telemetry.ops.PoisonRecord;
import io.turnpike.telemetry.store.LedgerStores;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the ledger of one partition's tenants: commands and usage reports in, control records out, all in the
 * transaction of the record that caused them. Confined to the stream thread.
 *
 * <p>Nothing is kept in fields that the stores do not hold: after an aborted transaction Streams restores the stores and
 * calls {@link #init} again on the same object.
 */
final class LedgerProcessor implements Processor<String, SpecificRecord, String, SpecificRecord> {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerProcessor.class);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final int TENANTS_PER_TICK = 500;

    private final QuotaPolicy defaultPolicy;
    private final ControlHistory history;
    private final LongSupplier nanoClock;
    private final EarlyCommit earlyCommit;
    private final Rounds rounds = new Rounds();
    private ProcessorContext<String, SpecificRecord> context;
    private LedgerStateStores stores;
    private CommandDesk desk;
    private WebhookDesk webhookDesk;
    private QuotaLedger ledger;
    private ShareLedger shares;

    /**
     * @param nanoClock monotonic clock, on which leases run
     * @param earlyCommit shared by all tasks of the program
     */
    LedgerProcessor(QuotaPolicy defaultPolicy, ControlHistory history, LongSupplier nanoClock,
            EarlyCommit earlyCommit) {
        this.defaultPolicy = defaultPolicy;
        this.history = history;
        this.nanoClock = nanoClock;
        this.earlyCommit = earlyCommit;
    }

    @Override
    public void init(ProcessorContext<String, SpecificRecord> newContext) {
        context = newContext;
        stores = new LedgerStateStores(newContext);
        desk = new CommandDesk(stores);
        webhookDesk = new WebhookDesk(stores);
        beginAnew();
        rounds.end();
        rounds.every(TICK, newContext, this::tick);
    }

    private void beginAnew() {
        ledger = new QuotaLedger(stores, defaultPolicy);
        shares = new ShareLedger(stores);
    }

    @Override
    public void close() {
        rounds.end();
    }

    @Override
    public void process(Record<String, SpecificRecord> incoming) {
        Consumer<Instant> turn = checked(incoming.key(), incoming.value());
        inOneTurn(Instant.ofEpochMilli(context.currentSystemTimeMs()), turn);
    }

    /** What to do about a record; one that is put aside leaves nothing behind. */
    private Consumer<Instant> checked(String key, SpecificRecord value) {
        if (value instanceof TenantNodeUsage usage) {
            Door.checkUsage(key, usage);
            return now -> {
                Decisions decisions = ledger.onReport(usage, now);
                List<QuotaShare> decided = shares.onReport(usage, ledger.policy(usage.getHeader().getTenantId()), now,
                        nanoClock.getAsLong());
                publish(decisions, now);
                publish(decided, now);
                boolean isAnswered = !decisions.grants().isEmpty() || !decided.isEmpty();
                if (isAnswered && EarlyCommit.isWaitedFor(usage)) {
                    earlyCommit.somebodyWaits(context);
                }
            };
        }
        if (value instanceof TenantCommand command) {
            Door.checkCommand(key, command);
            return now -> decide(command, now);
        }
        if (value instanceof WebhookCommand command) {
            Door.checkCommand(key, command);
            return now -> decide(command, now);
        }
        throw new PoisonRecord("a tenant's record without a value");
    }

    private void tick(long timestamp) {
        inOneTurn(Instant.ofEpochMilli(timestamp), now -> {
            ledger.onTick(now, TENANTS_PER_TICK).forEach(decisions -> publish(decisions, now));
            shares.onTick(nanoClock.getAsLong());
        });
    }

    /** A turn that fails leaves nothing behind in memory that the stores do not hold. */
    private void inOneTurn(Instant now, Consumer<Instant> turn) {
        boolean done = false;
        try {
            rebuildOnce(now);
            turn.accept(now);
            done = true;
        } finally {
            if (!done) {
                beginAnew();
            }
        }
    }

    private void decide(TenantCommand command, Instant now) {
        CommandDecision decision = desk.decide(command, now);
        decision.tenant().ifPresent(tenant -> send(tenant.getTenantId(), tenant, now, LedgerTopology.TENANT_SINK));
        decision.tenant().filter(tenant -> tenant.getStatus() == TenantStatus.DELETED)
                .ifPresent(tenant -> webhookDesk.forgetAll(tenant.getTenantId())
                        .forEach(name -> sendWebhook(tenant.getTenantId(), name, null, now)));
        decision.policy().ifPresent(policy -> send(policy.getTenantId(), policy, now, LedgerTopology.POLICY_SINK));
        decision.revocation().ifPresent(revocation -> send(
                LedgerStores.user(revocation.getTenantId(), revocation.getUserId()), revocation, now,
                LedgerTopology.REVOCATION_SINK));
        answer(decision.audit(), decision.repeated(), now);
        if (decision.policy().isPresent()) {
            publish(ledger.onPolicy(command.getTenantId(), now), now);
            publish(shares.onPolicy(ledger.policy(command.getTenantId()), now, nanoClock.getAsLong()), now);
        }
    }

    private void decide(WebhookCommand command, Instant now) {
        WebhookDesk.Decision decision = webhookDesk.decide(command, now);
        decision.webhook().ifPresent(webhook -> sendWebhook(webhook.getTenantId(), webhook.getName(), webhook, now));
        if (decision.removed()) {
            sendWebhook(command.getTenantId(), command.getName(), null, now);
        }
        answer(decision.audit(), decision.repeated(), now);
    }

    /** @param webhook null where it is removed */
    private void sendWebhook(String tenantId, String name, Webhook webhook, Instant now) {
        send(LedgerStores.user(tenantId, name), webhook, now, LedgerTopology.WEBHOOK_SINK);
    }

    /** An answer that is given again is kept already. */
    private void answer(QuotaAudit audit, boolean repeated, Instant now) {
        if (repeated) {
            send(audit.getTenantId(), audit, now, LedgerTopology.AUDIT_SINK);
        } else {
            audit(audit, now);
        }
        earlyCommit.somebodyWaits(context);
    }

    /** An empty store is not a new ledger (QUOTA.md rule 9): what was decided before comes first. */
    private void rebuildOnce(Instant now) {
        if (stores.isRebuilt()) {
            return;
        }
        int partition = context.taskId().partition();
        ControlHistory.Decided decided;
        try {
            decided = history.read(partition);
            LedgerRebuild.fill(stores, decided, defaultPolicy, now);
            decided.shares().stream().filter(Share::isWorthKeeping).map(Share::of).forEach(stores::put);
        } catch (RuntimeException e) {
            // No fault of the record: it must wait for a whole ledger, not be put aside.
            throw new StreamsException("the ledger of partition " + partition + " could not be rebuilt", e);
        }
        stores.markRebuilt(now.toString());
        LOG.info("ledger store of partition {} was empty: took over {} tenants, {} policies, {} accounts", partition,
                decided.tenants().size(), decided.policies().size(), decided.grants().size());
    }

    private void publish(Decisions decisions, Instant now) {
        for (QuotaGrant grant : decisions.grants()) {
            send(QuotaAccountKey.of(grant).text(), grant, now, LedgerTopology.GRANT_SINK);
        }
        decisions.audits().forEach(audit -> audit(audit, now));
    }

    private void publish(List<QuotaShare> decided, Instant now) {
        for (QuotaShare share : decided) {
            send(QuotaShareKey.of(share).text(), share, now, LedgerTopology.SHARE_SINK);
        }
    }

    private void audit(QuotaAudit audit, Instant now) {
        stores.keep(audit);
        send(audit.getTenantId(), audit, now, LedgerTopology.AUDIT_SINK);
    }

    private void send(String key, SpecificRecord value, Instant now, String sink) {
        context.forward(new Record<>(key, value, now.toEpochMilli()), sink);
    }
}
