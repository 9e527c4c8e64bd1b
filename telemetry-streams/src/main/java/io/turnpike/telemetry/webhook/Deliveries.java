package io.turnpike.telemetry.webhook;

import io.turnpike.contract.SecretSeal;
import io.turnpike.contract.UserKey;
import io.turnpike.contract.WebhookRules;
import io.turnpike.control.v1.Webhook;
import io.turnpike.control.v1.WebhookAction;
import io.turnpike.control.v1.WebhookProgress;
import io.turnpike.control.v1.WebhookSecret;
import io.turnpike.control.v1.WebhookStatus;
import io.turnpike.telemetry.webhook.WebhookMetrics.Health;
import io.turnpike.telemetry.webhook.WebhookMetrics.Result;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoints of the partitions that this instance has, and what goes to them. No endpoint waits for another tenant's; all
 * together have bounded memory and a bounded number of requests under way, of which a tenant has few, so that slow endpoints
 * of some hold up no others. Confined to the delivery thread.
 */
final class Deliveries {
    /** Most events that wait in memory beside the first of each endpoint. */
    static final int MOST_QUEUED = 10_000;
    /** Most requests under way. */
    static final int MOST_IN_FLIGHT = 64;
    /** Most requests of one tenant under way. */
    static final int MOST_OF_TENANT = 2;

    private static final Logger LOG = LoggerFactory.getLogger(Deliveries.class);

    private final Surroundings around;
    private final Backoff backoff;
    private final Duration retryFor;
    private final WebhookMetrics metrics;
    private final Map<UserKey, Endpoint> endpoints = new HashMap<>();
    private final Map<String, Set<UserKey>> ofTenant = new HashMap<>();
    private final Set<Integer> partitions = new HashSet<>();
    private final Set<UserKey> ready = new LinkedHashSet<>();
    private final Map<UserKey, Instant> wakes = new HashMap<>();
    private int queued;
    private final Map<String, Integer> inFlightOf = new HashMap<>();
    private int inFlight;
    private boolean held;

    /** What deliveries need of the world. */
    interface Surroundings {
        /** Every webhook. */
        List<Webhook> webhooks();

        /** How far a webhook was, by whoever served it before. */
        Optional<WebhookProgress> progress(String tenantId, String name);

        /** Keeps how far it is; null forgets it. */
        void keep(String tenantId, String name, WebhookProgress progress);

        /** Sends a request; the answer may come on any thread. */
        CompletionStage<Attempt> post(URI url, String id, long epochSeconds, String signature, byte[] body);

        /** Asks the ledger for a change of a webhook. */
        void command(Webhook webhook, WebhookAction action, String reason);

        /** Partition of a tenant in the audit topic. */
        int partitionOf(String tenantId);

        /** The delivery thread itself. */
        ScheduledExecutorService thread();

        /** Opens sealed keys. */
        SecretSeal seal();

        /** Wall clock. */
        Clock clock();
    }

    Deliveries(Surroundings around, Backoff backoff, Duration retryFor, WebhookMetrics metrics) {
        this.around = around;
        this.backoff = backoff;
        this.retryFor = retryFor;
        this.metrics = metrics;
    }

    /** Begins nothing new until partitions are assigned again; what is under way goes on. */
    void hold() {
        held = true;
    }

    /** Takes over the webhooks of more partitions. */
    void assign(Set<Integer> more) {
        held = false;
        partitions.addAll(more);
        follow();
        endpoints.keySet().forEach(this::pump);
    }

    /** Leaves the webhooks of partitions to somebody else. */
    void revoke(Set<Integer> fewer) {
        partitions.removeAll(fewer);
        endpoints.keySet().stream().filter(key -> fewer.contains(around.partitionOf(key.tenantId()))).toList()
                .forEach(this::forget);
    }

    /** Makes the endpoints those of the webhooks as they are now. */
    void follow() {
        if (partitions.isEmpty()) {
            return;
        }
        Set<UserKey> gone = new HashSet<>(endpoints.keySet());
        for (Webhook webhook : around.webhooks()) {
            if (partitions.contains(around.partitionOf(webhook.getTenantId()))) {
                UserKey key = new UserKey(webhook.getTenantId(), webhook.getName());
                gone.remove(key);
                Endpoint endpoint = endpoints.get(key);
                if (endpoint == null) {
                    endpoint = new Endpoint(webhook, around.progress(webhook.getTenantId(), webhook.getName()),
                            backoff, retryFor);
                    endpoints.put(key, endpoint);
                    ofTenant.computeIfAbsent(key.tenantId(), tenant -> new HashSet<>()).add(key);
                } else {
                    int before = endpoint.queued();
                    endpoint.follow(webhook);
                    queued += endpoint.queued() - before;
                    pump(key);
                }
            }
        }
        gone.forEach(key -> {
            forget(key);
            around.keep(key.tenantId(), key.userId(), null);
        });
    }

    private void forget(UserKey key) {
        Endpoint endpoint = endpoints.remove(key);
        queued -= endpoint.queued();
        ofTenant.get(key.tenantId()).remove(key);
        ofTenant.remove(key.tenantId(), Set.of());
    }

    /** Hands an event to the webhooks of its tenant. */
    void offer(Event event) {
        Instant now = around.clock().instant();
        for (UserKey key : ofTenant.getOrDefault(event.audit().getTenantId(), Set.of())) {
            Endpoint endpoint = endpoints.get(key);
            int before = endpoint.queued();
            if (endpoint.offer(event, queued < MOST_QUEUED, now)) {
                metrics.count(Result.GIVEN_UP);
                keep(key, endpoint);
            }
            queued += endpoint.queued() - before;
            pump(key);
        }
    }

    /**
     * The offsets from which partitions must be read again after a restart.
     *
     * @param next what is read next, by partition; none of the answers is behind it
     */
    Map<Integer, Long> floors(Map<Integer, Long> next) {
        Map<Integer, Long> floors = new HashMap<>(next);
        endpoints.forEach((key, endpoint) -> endpoint.neededFrom().ifPresent(needed -> floors.computeIfPresent(
                around.partitionOf(key.tenantId()), (partition, floor) -> Math.min(floor, needed))));
        return floors;
    }

    /** The offsets from which some of the partitions must be read again now, because endpoints have room for what did not fit. */
    Map<Integer, Long> catchUp(Set<Integer> ofPartitions) {
        Map<Integer, Long> from = new HashMap<>();
        endpoints.forEach((key, endpoint) -> {
            if (endpoint.canCatchUp() && ofPartitions.contains(around.partitionOf(key.tenantId()))) {
                from.merge(around.partitionOf(key.tenantId()), endpoint.catchUp(), Math::min);
            }
        });
        return from;
    }

    /** Sends what is due to one endpoint, now or when its time has come. */
    private void pump(UserKey key) {
        Endpoint endpoint = endpoints.get(key);
        if (endpoint == null || held) {
            return;
        }
        Instant now = around.clock().instant();
        Optional<Duration> wait = endpoint.untilDue(now);
        if (wait.isEmpty()) {
            return;
        }
        if (!wait.get().isZero()) {
            wake(key, now, wait.get());
        } else if (hasRoom(key.tenantId())) {
            endpoint.begin(now).ifPresent(event -> send(key, endpoint, event, now));
        } else {
            ready.add(key);
        }
    }

    private boolean hasRoom(String tenantId) {
        return inFlight < MOST_IN_FLIGHT && inFlightOf.getOrDefault(tenantId, 0) < MOST_OF_TENANT;
    }

    /** Sends to who was ready when there was no room, those first that have waited longest. */
    private void pumpReady() {
        for (UserKey next : List.copyOf(ready)) {
            if (inFlight == MOST_IN_FLIGHT) {
                return;
            }
            if (hasRoom(next.tenantId()) && ready.remove(next)) {
                pump(next);
            }
        }
    }

    /** Comes back when it is time; once, however often it is asked for. */
    private void wake(UserKey key, Instant now, Duration wait) {
        Instant due = now.plus(wait);
        Instant asked = wakes.get(key);
        if (asked == null || due.isBefore(asked)) {
            wakes.put(key, due);
            around.thread().schedule(() -> {
                wakes.remove(key);
                pump(key);
            }, wait.toMillis() + 1, TimeUnit.MILLISECONDS);
        }
    }

    private void send(UserKey key, Endpoint endpoint, Event event, Instant now) {
        inFlight++;
        inFlightOf.merge(key.tenantId(), 1, Integer::sum);
        Webhook webhook = endpoint.webhook();
        List<byte[]> keys = keys(webhook);
        CompletionStage<Attempt> answer = keys.isEmpty()
                ? CompletableFuture.completedFuture(Attempt.failed("its keys were sealed with another cluster key"))
                : post(webhook, keys, event, now);
        // Never in this call: the end of one begins the next of those that wait, however many they are.
        answer.whenCompleteAsync((attempt, failure) -> ended(key, endpoint, event,
                failure == null ? attempt : Attempt.failed(failure.getClass().getSimpleName()), now),
                around.thread());
    }

    private CompletionStage<Attempt> post(Webhook webhook, List<byte[]> keys, Event event, Instant now) {
        byte[] body = event.body();
        long epochSeconds = now.getEpochSecond();
        return around.post(WebhookRules.url(webhook.getUrl()).orElseThrow(), event.id(), epochSeconds,
                Signature.of(keys, event.id(), epochSeconds, body), body);
    }

    private void ended(UserKey key, Endpoint endpoint, Event event, Attempt attempt, Instant begun) {
        inFlight--;
        inFlightOf.computeIfPresent(key.tenantId(), (tenant, count) -> count == 1 ? null : count - 1);
        Instant now = around.clock().instant();
        metrics.took(Duration.between(begun, now));
        metrics.count(attempt.succeeded() ? Result.DELIVERED : Result.FAILED);
        if (endpoints.get(key) == endpoint) {
            boolean wasFailing = endpoint.isFailing();
            long givenUp = endpoint.progress(now).getGivenUp();
            int before = endpoint.queued();
            Endpoint.Consequence consequence = endpoint.end(event, attempt, now);
            queued += endpoint.queued() - before;
            tell(endpoint, event, attempt, wasFailing);
            if (endpoint.progress(now).getGivenUp() > givenUp) {
                metrics.count(Result.GIVEN_UP);
            }
            act(endpoint, consequence, attempt);
            keep(key, endpoint);
            ready.add(key);
        }
        pumpReady();
    }

    private void act(Endpoint endpoint, Endpoint.Consequence consequence, Attempt attempt) {
        switch (consequence) {
            case DISABLE -> around.command(endpoint.webhook(), WebhookAction.DISABLE,
                    "the endpoint answered " + attempt.status() + ": it wants no more");
            case REPORT -> around.command(endpoint.webhook(), WebhookAction.REPORT, "it has taken nothing since "
                    + endpoint.progress(around.clock().instant()).getFailingSince() + " (" + attempt.error()
                    + "); events older than " + retryFor + " are given up");
            case NONE -> {
            }
        }
    }

    private static void tell(Endpoint endpoint, Event event, Attempt attempt, boolean wasFailing) {
        Webhook webhook = endpoint.webhook();
        if (!attempt.succeeded() && !wasFailing) {
            LOG.warn("a webhook does not take events tenantId={} webhook={} event={} reason={}",
                    webhook.getTenantId(), webhook.getName(), event.id(), attempt.error());
        } else if (attempt.succeeded() && wasFailing) {
            LOG.info("a webhook takes events again tenantId={} webhook={}", webhook.getTenantId(), webhook.getName());
        }
    }

    private List<byte[]> keys(Webhook webhook) {
        List<byte[]> keys = new ArrayList<>();
        for (WebhookSecret secret : webhook.getSecrets()) {
            ByteBuffer sealed = secret.getSealed().duplicate();
            byte[] bytes = new byte[sealed.remaining()];
            sealed.get(bytes);
            around.seal().open(SecretSeal.webhookSecretContext(webhook.getTenantId(), webhook.getName(),
                    secret.getId()), bytes).ifPresent(keys::add);
        }
        return keys;
    }

    private void keep(UserKey key, Endpoint endpoint) {
        around.keep(key.tenantId(), key.userId(), endpoint.progress(around.clock().instant()));
    }

    /** Whether nothing is under way. */
    boolean isQuiet() {
        return inFlight == 0;
    }

    /** Sets the gauges. */
    void measure() {
        Map<Health, Long> numbers = new EnumMap<>(Health.class);
        endpoints.values().forEach(each -> numbers.merge(health(each), 1L, Long::sum));
        Instant now = around.clock().instant();
        Instant oldest = endpoints.values().stream().map(Endpoint::oldest).flatMap(Optional::stream)
                .min(Instant::compareTo).filter(now::isAfter).orElse(now);
        metrics.endpoints(numbers, queued, Duration.between(oldest, now));
    }

    private static Health health(Endpoint endpoint) {
        if (endpoint.webhook().getStatus() != WebhookStatus.ENABLED) {
            return Health.DISABLED;
        }
        return endpoint.isReported() ? Health.DEAD : endpoint.isFailing() ? Health.FAILING : Health.GOOD;
    }
}
