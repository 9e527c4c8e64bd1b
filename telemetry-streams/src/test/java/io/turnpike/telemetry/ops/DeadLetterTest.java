package io.turnpike.telemetry.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.telemetry.ops.TelemetryMetrics.DeadLetterReason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.errors.internals.DefaultErrorHandlerContext;
import org.apache.kafka.streams.processor.TaskId;
import org.junit.jupiter.api.Test;

class DeadLetterTest {
    private static final int KAFKAS_LARGEST_RECORD = 1_048_576;

    @Test
    void aLetterOfTheLargestRecordStillFitsIntoKafka() {
        byte[] value = new byte[KAFKAS_LARGEST_RECORD - 100];
        Arrays.fill(value, (byte) 7);

        ProducerRecord<byte[], byte[]> letter = letter(new byte[10], value, new RecordHeaders());

        assertThat(size(letter)).isLessThan(KAFKAS_LARGEST_RECORD - 10_000);
        assertThat(value).startsWith(letter.value());
        assertThat(new String(letter.headers().lastHeader(DeadLetter.CUT_FROM).value()))
                .isEqualTo(Integer.toString(value.length));
    }

    @Test
    void largeKeysAndHeadersAreKeptOnlyWhereThereIsRoom() {
        Headers headers = new RecordHeaders().add("small", new byte[3]).add("large", new byte[200_000]).add("null",
                null);

        ProducerRecord<byte[], byte[]> letter = letter(new byte[1_000_000], new byte[40_000], headers);
        ProducerRecord<byte[], byte[]> small = letter(new byte[10], new byte[800_000], headers);

        assertThat(size(letter)).isLessThan(KAFKAS_LARGEST_RECORD - 10_000);
        assertThat(small.value()).hasSize(800_000);
        assertThat(small.headers().lastHeader("small")).isNotNull();
        assertThat(small.headers().lastHeader("large")).isNull();
        assertThat(small.headers().lastHeader(DeadLetter.CUT_FROM)).isNull();
    }

    @Test
    void aRecordWithoutKeyMakesALetterWithoutKey() {
        assertThat(letter(null, new byte[]{1, 2}, new RecordHeaders()).key()).isNull();
    }

    @Test
    void saysWhereItComesFromAndWhatFailed() {
        ProducerRecord<byte[], byte[]> letter = DeadLetter.of(
                DeadLetter.Cause.of(DeadLetterReason.FAILED, new IllegalStateException("broken")), "app",
                context(new RecordHeaders()), new byte[]{1}, new byte[]{2});

        assertThat(Arrays.stream(letter.headers().toArray()).map(each -> each.key() + '=' + new String(each.value())))
                .containsExactlyInAnyOrder("__streams.errors.topic=t", "__streams.errors.partition=1",
                        "__streams.errors.offset=2", "__streams.errors.exception=java.lang.IllegalStateException",
                        "__streams.errors.message=broken", "turnpike.dlq.reason=failed", "turnpike.dlq.timestamp=5",
                        "turnpike.dlq.application=app", "turnpike.dlq.step=n");
    }

    @Test
    void aLetterThatWasSentAgainAndFailsAgainNamesOnlyItsNewPlace() {
        Headers headers = new RecordHeaders().add(DeadLetter.REPLAYED_FROM, new byte[]{1}).add(DeadLetter.OFFSET,
                "77".getBytes(StandardCharsets.UTF_8));

        ProducerRecord<byte[], byte[]> letter = letter(null, new byte[]{1}, headers);

        assertThat(letter.headers().headers(DeadLetter.OFFSET)).singleElement()
                .satisfies(offset -> assertThat(new String(offset.value())).isEqualTo("2"));
        assertThat(letter.headers().lastHeader(DeadLetter.REPLAYED_FROM)).isNotNull();
    }

    private static ProducerRecord<byte[], byte[]> letter(byte[] key, byte[] value, Headers headers) {
        return DeadLetter.of(
                DeadLetter.Cause.of(DeadLetterReason.UNREADABLE, new SerializationException("m".repeat(2_000_000))),
                "app", context(headers), key, value);
    }

    private static DefaultErrorHandlerContext context(Headers headers) {
        return new DefaultErrorHandlerContext(null, "t", 1, 2L, headers, "n", new TaskId(0, 1), 5L, null, null);
    }

    private static long size(ProducerRecord<byte[], byte[]> letter) {
        long size = (letter.key() == null ? 0 : letter.key().length) + letter.value().length;
        for (Header header : letter.headers()) {
            size += header.key().length() + (header.value() == null ? 0 : header.value().length);
        }
        return size;
    }
}
