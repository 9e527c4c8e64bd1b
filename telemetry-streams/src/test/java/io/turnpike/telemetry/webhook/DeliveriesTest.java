package io.turnpike.telemetry.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.SecretSeal;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.control.v1.Webhook;
import io.turnpike.control.v1.WebhookAction;
import io.turnpike.control.v1.WebhookProgress;
import io.turnpike.control.v1.WebhookSecret;
import io.turnpike.control.v1.WebhookStatus;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DeliveriesTest {
    static {
        RecordCodec.prepareAvro();
    }

    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final int MOST_WEBHOOKS_OF_TENANT = 8;
    private static final int MANY = 50;

    private final World world = new World();
    private final Deliveries deliveries = new Deliveries(world,
            new Backoff(Duration.ofSeconds(5), Duration.ofHours(1), () -> 0.5), Duration.ofHours(24),
            new WebhookMetrics(new SimpleMeterRegistry()));
    private long offset;

    /** Runs what is due now, one task after the other as a thread does, and never what is due later. */
    private static final class Inline extends ScheduledThreadPoolExecutor {
        private final Queue<Runnable> tasks = new ArrayDeque<>();
        private boolean running;

        Inline() {
            super(1);
        }

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
            if (!running) {
                running = true;
                for (Runnable next = tasks.poll(); next != null; next = tasks.poll()) {
                    next.run();
                }
                running = false;
            }
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
            return null;
        }
    }

    /** Endpoints that answer when the test says so. */
    private static final class World implements Deliveries.Surroundings {
        private final SecretSeal seal = SecretSeal.withKey(SecretSeal.newKey());
        private final Inline thread = new Inline();
        private final List<Webhook> webhooks = new ArrayList<>();
        private final Map<String, CompletableFuture<Attempt>> underWay = new LinkedHashMap<>();
        /** How many calls deep it was seen that an endpoint fails. */
        private final Map<String, Long> failed = new HashMap<>();

        void webhook(String tenant, String name) {
            webhook(tenant, name, seal);
        }

        void webhook(String tenant, String name, SecretSeal sealedWith) {
            byte[] sealed = sealedWith.seal(SecretSeal.webhookSecretContext(tenant, name, "k1"), new byte[24]);
            webhooks.add(Webhook.newBuilder().setTenantId(tenant).setName(name).setVersion(1)
                    .setUrl("https://" + tenant + ".example.org/" + name)
                    .setSecrets(List.of(new WebhookSecret("k1", ByteBuffer.wrap(sealed)))).setEvents(List.of())
                    .setStatus(WebhookStatus.ENABLED).setEnabledAt(NOW.minusSeconds(60))
                    .setUpdatedAt(NOW.minusSeconds(60)).build());
        }

        void answer(String endpoint) {
            underWay.remove(endpoint).complete(Attempt.answered(204, Optional.empty()));
        }

        long underWayOf(String tenant) {
            return underWay.keySet().stream().filter(endpoint -> endpoint.startsWith(tenant + "/")).count();
        }

        @Override
        public List<Webhook> webhooks() {
            return webhooks;
        }

        @Override
        public Optional<WebhookProgress> progress(String tenantId, String name) {
            return Optional.empty();
        }

        @Override
        public void keep(String tenantId, String name, WebhookProgress progress) {
            if (progress.getFailingSince() != null) {
                failed.put(tenantId + '/' + name, StackWalker.getInstance().walk(Stream::count));
            }
        }

        @Override
        public CompletionStage<Attempt> post(URI url, String id, long epochSeconds, String signature, byte[] body) {
            CompletableFuture<Attempt> answer = new CompletableFuture<>();
            String endpoint = url.getHost().replace(".example.org", "") + url.getPath();
            assertThat(underWay.put(endpoint, answer)).as("one at a time to " + endpoint).isNull();
            return answer;
        }

        @Override
        public void command(Webhook webhook, WebhookAction action, String reason) {
            throw new AssertionError(reason);
        }

        @Override
        public int partitionOf(String tenantId) {
            return 0;
        }

        @Override
        public ScheduledExecutorService thread() {
            return thread;
        }

        @Override
        public SecretSeal seal() {
            return seal;
        }

        @Override
        public Clock clock() {
            return Clock.fixed(NOW, ZoneOffset.UTC);
        }
    }

    private void tenant(String tenant, int webhooks) {
        for (int i = 1; i <= webhooks; i++) {
            world.webhook(tenant, "w" + i);
        }
    }

    private void happens(String tenant) {
        QuotaAudit audit = QuotaAudit.newBuilder().setTenantId(tenant).setOccurredAt(NOW)
                .setKind(AuditKind.STATE_CHANGED).setFromState(QuotaState.OPEN).setToState(QuotaState.EXHAUSTED)
                .build();
        deliveries.offer(Event.of(0, offset++, audit).orElseThrow());
    }

    @Test
    void slowEndpointsOfSomeTenantsHoldUpNoOther() {
        for (int slow = 1; slow <= 10; slow++) {
            tenant("slow" + slow, MOST_WEBHOOKS_OF_TENANT);
        }
        tenant("quick", 1);
        deliveries.assign(Set.of(0));
        for (int slow = 1; slow <= 10; slow++) {
            happens("slow" + slow);
            assertThat(world.underWayOf("slow" + slow)).isEqualTo(Deliveries.MOST_OF_TENANT);
        }

        happens("quick");

        assertThat(world.underWay).containsKey("quick/w1");
        assertThat(world.underWay.size()).isLessThanOrEqualTo(Deliveries.MOST_IN_FLIGHT);
    }

    @Test
    void endsThoseWithoutAKeyHoweverManyWaitForAPlace() {
        int tenants = Deliveries.MOST_IN_FLIGHT / Deliveries.MOST_OF_TENANT;
        for (int i = 1; i <= tenants; i++) {
            tenant("slow" + i, Deliveries.MOST_OF_TENANT);
        }
        SecretSeal former = SecretSeal.withKey(SecretSeal.newKey());
        for (int i = 1; i <= MANY; i++) {
            world.webhook("former" + i, "w1", former);
        }
        deliveries.assign(Set.of(0));
        for (int i = 1; i <= tenants; i++) {
            happens("slow" + i);
        }
        for (int i = 1; i <= MANY; i++) {
            happens("former" + i);
        }
        assertThat(world.failed).as("all places are taken").isEmpty();

        world.answer("slow1/w1");

        assertThat(world.failed).hasSize(MANY);
        assertThat(Set.copyOf(world.failed.values())).as("none within the end of another").hasSize(1);
    }

    @Test
    void webhooksOfATenantTakeTurnsAndEachGetsEverything() {
        tenant("acme", MOST_WEBHOOKS_OF_TENANT);
        deliveries.assign(Set.of(0));
        happens("acme");
        happens("acme");

        List<String> answered = new ArrayList<>();
        while (!world.underWay.isEmpty()) {
            assertThat(world.underWayOf("acme")).isLessThanOrEqualTo(Deliveries.MOST_OF_TENANT);
            String next = world.underWay.keySet().iterator().next();
            answered.add(next);
            world.answer(next);
        }

        assertThat(answered).hasSize(2 * MOST_WEBHOOKS_OF_TENANT);
        assertThat(answered.subList(0, MOST_WEBHOOKS_OF_TENANT)).as("nobody twice before all had one")
                .doesNotHaveDuplicates();
        assertThat(deliveries.isQuiet()).isTrue();
    }

    @Test
    void aPlaceThatBecomesFreeGoesToWhoHasWaitedLongestAndHasRoom() {
        int tenants = Deliveries.MOST_IN_FLIGHT / Deliveries.MOST_OF_TENANT;
        for (int i = 1; i <= tenants; i++) {
            tenant("full" + i, MOST_WEBHOOKS_OF_TENANT);
        }
        tenant("first", 1);
        tenant("second", 1);
        deliveries.assign(Set.of(0));
        for (int i = 1; i <= tenants; i++) {
            happens("full" + i);
        }
        happens("first");
        happens("second");
        assertThat(world.underWay).hasSize(Deliveries.MOST_IN_FLIGHT);

        // Its own others wait for a place too, and have waited longer; all others are at their bound.
        world.answer(world.underWay.keySet().iterator().next());
        assertThat(world.underWayOf("full1")).isEqualTo(Deliveries.MOST_OF_TENANT);
        while (world.underWayOf("first") == 0) {
            world.answer(world.underWay.keySet().stream().filter(endpoint -> endpoint.startsWith("full1/")).findFirst()
                    .orElseThrow());
        }

        assertThat(world.underWayOf("second")).isZero();
        assertThat(world.underWay).hasSize(Deliveries.MOST_IN_FLIGHT);
    }
}
