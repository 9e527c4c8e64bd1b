package io.turnpike.telemetry.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.Webhook;
import io.turnpike.control.v1.WebhookStatus;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class WebhookBookTest {
    static {
        RecordCodec.prepareAvro();
    }

    private static final String URL = "https://hooks.example.org/";

    private final WebhookBook book = new WebhookBook(Map.of(), Clock.systemUTC());

    private void take(String key, byte[] value) {
        book.take(new ConsumerRecord<>(Topic.WEBHOOK.topicName(), 0, 0, key, value));
    }

    private static byte[] webhook(String tenant, String name, String url) {
        return RecordCodec.encode(Webhook.newBuilder().setTenantId(tenant).setName(name).setVersion(1).setUrl(url)
                .setSecrets(List.of()).setEvents(List.of()).setStatus(WebhookStatus.ENABLED)
                .setEnabledAt(Instant.EPOCH).setUpdatedAt(Instant.EPOCH).build());
    }

    @Test
    void holdsWhatTheLedgerWritesUntilItIsRemoved() {
        take("acme|ops", webhook("acme", "ops", URL));
        assertThat(book.webhooks("acme")).extracting(Webhook::getName).containsExactly("ops");
        take("acme|ops", null);
        assertThat(book.all()).isEmpty();
    }

    @Test
    void believesNoRecordUnderTheKeyOfAnother() {
        take("acme|ops", webhook("evil", "ops", URL));
        take("acme|ops", webhook("acme", "other", URL));
        assertThat(book.all()).isEmpty();
    }

    @Test
    void keepsTheOneThatCanBeSentToWhereTheNextCannot() {
        take("acme|ops", webhook("acme", "ops", URL));
        for (String url : List.of("x", "", "ftp://hooks.example.org/", "https://")) {
            take("acme|ops", webhook("acme", "ops", url));
        }
        assertThat(book.webhooks("acme")).extracting(Webhook::getUrl).containsExactly(URL);
    }

    @Test
    void survivesWhatCannotBeRead() {
        take("acme|ops", new byte[]{1, 2, 3});
        take("acme", webhook("acme", "", URL));
        take(null, null);
        assertThat(book.all()).isEmpty();
    }
}
