package io.turnpike.telemetry.query;

import io.turnpike.contract.Topic;
import io.turnpike.telemetry.ops.DeadLetter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The dead letters as they lie in Kafka, read anew for each question: they are few, and asked for seldom. Sending one again
 * is one transaction of the record and of a mark behind the letter, under one transactional id for all instances: who
 * begins fences whoever has not committed yet, so that a letter is sent again only by somebody who has seen every mark.
 * Thread-safe.
 */
public final class KafkaLetters implements LetterQueries {
    /** Newest letters of a partition that a list looks through. */
    static final long MOST_LISTED = 20_000;

    private static final Duration RETRY_AFTER = Duration.ofSeconds(2);
    private static final int SEND_TIMEOUT_MILLIS = 8_000;
    private static final Duration PAUSE = Duration.ofMillis(10);
    private static final Comparator<LetterPage.After> PLACES = Comparator.comparing(LetterPage.After::at).reversed()
            .thenComparing(place -> place.id().partition())
            .thenComparing(place -> place.id().offset(), Comparator.reverseOrder());
    private static final Comparator<Letter> NEWEST_FIRST = Comparator.comparing(LetterPage.After::of, PLACES);

    private final Map<String, Object> clientSettings;
    private final String applicationId;
    private final Clock clock;

    /** @param applicationId of the stream whose topics between the steps a letter may go back to */
    public KafkaLetters(Map<String, Object> clientSettings, String applicationId, Clock clock) {
        this.clientSettings = Map.copyOf(clientSettings);
        this.applicationId = applicationId;
        this.clock = clock;
    }

    @Override
    public Answer<LetterPage> letters(LetterPage.Filter filter, int limit, Optional<LetterPage.After> after) {
        return ask(() -> {
            try (LetterScan scan = new LetterScan(clientSettings, "read_committed")) {
                List<TopicPartition> partitions = scan.partitions();
                Map<TopicPartition, Long> from = scan.since(partitions, filter.since());
                Map<TopicPartition, Long> ends = scan.ends(partitions);
                boolean all = from.entrySet().stream()
                        .allMatch(each -> ends.get(each.getKey()) - each.getValue() <= MOST_LISTED);
                from.replaceAll((partition, offset) -> Math.max(offset, ends.get(partition) - MOST_LISTED));
                PriorityQueue<Letter> newest = new PriorityQueue<>(NEWEST_FIRST.reversed());
                Map<Letter.Id, Letter.Replay> replays = new HashMap<>();
                boolean read = scan.read(from, record -> {
                    Optional<Letter.Id> of = LetterScan.replayOf(record);
                    if (of.isPresent()) {
                        replays.put(of.get(), LetterScan.replay(record));
                        return;
                    }
                    Letter letter = LetterScan.letter(record).withoutValue();
                    if (filter.takes(letter) && after
                            .map(place -> PLACES.compare(LetterPage.After.of(letter), place) > 0).orElse(true)) {
                        newest.add(letter);
                        if (newest.size() > limit + 1) {
                            newest.remove();
                        }
                    }
                });
                return answer(page(newest, limit, replays), all && read);
            }
        });
    }

    private static LetterPage page(PriorityQueue<Letter> newest, int limit, Map<Letter.Id, Letter.Replay> replays) {
        List<Letter> letters = new ArrayList<>(newest);
        letters.sort(NEWEST_FIRST);
        boolean more = letters.size() > limit;
        if (more) {
            letters.remove(limit);
        }
        letters.replaceAll(letter -> replays.containsKey(letter.id())
                ? letter.with(replays.get(letter.id()))
                : letter);
        return new LetterPage(letters, more
                ? Optional.of(LetterPage.After.of(letters.get(limit - 1)))
                : Optional.empty());
    }

    @Override
    public Answer<Optional<Letter>> letter(Letter.Id id) {
        return ask(() -> {
            try (LetterScan scan = new LetterScan(clientSettings, "read_committed")) {
                return find(scan, id);
            }
        });
    }

    private Answer<Optional<Letter>> find(LetterScan scan, Letter.Id id) {
        TopicPartition partition = new TopicPartition(Topic.DLQ.topicName(), id.partition());
        if (!scan.partitions().contains(partition) || id.offset() < scan.begins(List.of(partition)).get(partition)) {
            return answer(Optional.empty(), true);
        }
        Letter[] found = new Letter[1];
        boolean read = scan.read(Map.of(partition, id.offset()), record -> {
            if (record.offset() == id.offset() && LetterScan.replayOf(record).isEmpty()) {
                found[0] = LetterScan.letter(record);
            } else if (found[0] != null && LetterScan.replayOf(record).filter(id::equals).isPresent()) {
                found[0] = found[0].with(LetterScan.replay(record));
            }
        });
        return answer(Optional.ofNullable(found[0]), read);
    }

    @Override
    public synchronized ReplayOutcome replay(Letter.Id id, String by, boolean force) {
        return ask(() -> {
            try (Producer<byte[], byte[]> producer = producer()) {
                producer.initTransactions();
                Answer<Optional<Letter>> answer = findBehindAllMarks(id);
                if (answer.value().isEmpty()) {
                    return new ReplayOutcome.Unknown();
                }
                Letter letter = answer.value().get();
                Optional<String> obstacle = obstacle(letter, producer, force || answer.freshness().complete(), force);
                return obstacle.isPresent()
                        ? new ReplayOutcome.Refused(obstacle.get())
                        : send(producer, letter, by);
            }
        });
    }

    /** What others are writing must be decided first: a mark may be in it. */
    private Answer<Optional<Letter>> findBehindAllMarks(Letter.Id id) {
        TopicPartition partition = new TopicPartition(Topic.DLQ.topicName(), id.partition());
        try (LetterScan written = new LetterScan(clientSettings, "read_uncommitted");
                LetterScan committed = new LetterScan(clientSettings, "read_committed")) {
            if (!written.partitions().contains(partition)) {
                return answer(Optional.empty(), true);
            }
            long end = written.ends(List.of(partition)).get(partition);
            while (committed.ends(List.of(partition)).get(partition) < end) {
                if (!committed.hasTime()) {
                    throw new StoreUnavailable("dead letters are being written", RETRY_AFTER);
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
            return find(committed, id);
        }
    }

    private Optional<String> obstacle(Letter letter, Producer<byte[], byte[]> producer, boolean marksKnown,
            boolean force) {
        if (!letter.whole()) {
            return Optional.of("only its beginning was kept");
        }
        if (letter.replay().isPresent() && !force) {
            return Optional.of("it was sent again before, at " + letter.replay().get().at() + " by "
                    + letter.replay().get().by() + "; force sends it once more");
        }
        if (!marksKnown) {
            return Optional.of("too much lies behind it to find out in time whether it was sent again; force sends it");
        }
        String topic = letter.origin().topic();
        boolean known = List.of(Topic.values()).stream()
                .anyMatch(each -> each != Topic.DLQ && each.topicName().equals(topic))
                || topic.startsWith(applicationId + '-') && topic.endsWith("-repartition");
        if (!known || letter.origin().partition() < 0
                || letter.origin().partition() >= producer.partitionsFor(topic).size()) {
            return Optional.of("it came from " + topic + '-' + letter.origin().partition()
                    + ", where this application sends nothing");
        }
        return Optional.empty();
    }

    private static ReplayOutcome send(Producer<byte[], byte[]> producer, Letter letter, String by) {
        Letter.Origin origin = letter.origin();
        ProducerRecord<byte[], byte[]> again = new ProducerRecord<>(origin.topic(), origin.partition(),
                origin.timestamp().map(time -> time.toEpochMilli()).orElse(null), letter.key().orElse(null),
                letter.value().orElse(null));
        letter.headers().stream().filter(header -> !header.name().equals(DeadLetter.REPLAYED_FROM))
                .forEach(header -> again.headers().add(header.name(), header.value()));
        again.headers().add(DeadLetter.REPLAYED_FROM, bytes(letter.id().toString()));
        ProducerRecord<byte[], byte[]> mark = new ProducerRecord<>(Topic.DLQ.topicName(), letter.id().partition(),
                letter.key().orElse(null), null);
        DeadLetter.mark(letter.id().toString(), by).forEach((name, text) -> mark.headers().add(name, bytes(text)));
        producer.beginTransaction();
        Future<RecordMetadata> sent = producer.send(again);
        producer.send(mark);
        producer.commitTransaction();
        try {
            return new ReplayOutcome.Sent(origin.topic(), origin.partition(), sent.get().offset());
        } catch (ExecutionException e) {
            throw new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException(e);
        }
    }

    private Producer<byte[], byte[]> producer() {
        Map<String, Object> settings = new HashMap<>(clientSettings);
        settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, applicationId + "-dlq-replay");
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, SEND_TIMEOUT_MILLIS);
        settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, SEND_TIMEOUT_MILLIS + 2_000);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, SEND_TIMEOUT_MILLIS);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, SEND_TIMEOUT_MILLIS / 2);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private <T> Answer<T> answer(T value, boolean complete) {
        return new Answer<>(value, new Freshness(clock.instant(), 0, complete, List.of()));
    }

    private static <T> T ask(Supplier<T> question) {
        try {
            return question.get();
        } catch (KafkaException e) {
            throw new StoreUnavailable("Kafka does not answer, or somebody else sends letters again", RETRY_AFTER);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
