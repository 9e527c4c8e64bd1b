package io.turnpike.telemetry.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.telemetry.ops.TelemetryMetrics.DeadLetterReason;
import java.util.Arrays;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.errors.internals.DefaultErrorHandlerContext;
import org.apache.kafka.streams.processor.TaskId;
import org.junit.jupiter.api.Test;

class DeadLettersTest {
    private static final int KAFKAS_LARGEST_RECORD = 1_048_576;

    @Test
    void aLetterOfTheLargestRecordStillFitsIntoKafka() {
        byte[] value = new byte[KAFKAS_LARGEST_RECORD - 100];
        Arrays.fill(value, (byte) 7);

        ProducerRecord<byte[], byte[]> letter = letter(new byte[10], value, new RecordHeaders());

        assertThat(size(letter)).isLessThan(KAFKAS_LARGEST_RECORD - 10_000);
        assertThat(value).startsWith(letter.value());
        assertThat(new String(letter.headers().lastHeader(DeadLetters.CUT_FROM).value()))
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
        assertThat(small.headers().lastHeader(DeadLetters.CUT_FROM)).isNull();
    }

    @Test
    void aRecordWithoutKeyMakesALetterWithoutKey() {
        assertThat(letter(null, new byte[]{1, 2}, new RecordHeaders()).key()).isNull();
    }

    private static ProducerRecord<byte[], byte[]> letter(byte[] key, byte[] value, Headers headers) {
        return DeadLetters.letter(DeadLetterReason.UNREADABLE, new DefaultErrorHandlerContext(null, "t", 1, 2L, headers,
                "n", new TaskId(0, 1), 5L, key, value), key, value, "m".repeat(2_000_000));
    }

    private static long size(ProducerRecord<byte[], byte[]> letter) {
        long size = (letter.key() == null ? 0 : letter.key().length) + letter.value().length;
        for (Header header : letter.headers()) {
            size += header.key().length() + (header.value() == null ? 0 : header.value().length);
        }
        return size;
    }
}
