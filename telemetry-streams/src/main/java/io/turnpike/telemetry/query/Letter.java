package io.turnpike.telemetry.query;

import io.turnpike.contract.RecordCodec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A dead letter: a record that the stream put aside, and why.
 *
 * @param id where it lies
 * @param at when it was put aside
 * @param cause why
 * @param origin where the record came from
 * @param key the record's key; empty if it has none
 * @param value the record's value; empty if it has none, and in lists
 * @param valueBytes length of the value as it was
 * @param headers the record's own headers
 * @param whole whether key and value are kept to their ends
 * @param replay when it was sent again last; empty if never
 */
public record Letter(Id id, Instant at, Cause cause, Origin origin, Optional<byte[]> key, Optional<byte[]> value,
        int valueBytes, List<Header> headers, boolean whole, Optional<Replay> replay) {

    /**
     * The place of a letter in the dead-letter topic, such as {@code 0-17}.
     *
     * @param partition partition
     * @param offset offset
     */
    public record Id(int partition, long offset) {
        private static final Pattern TEXT = Pattern.compile("([0-9]{1,5})-([0-9]{1,18})");

        /** Reads the text form; empty if it is none. */
        public static Optional<Id> parse(String text) {
            Matcher matcher = TEXT.matcher(text);
            return matcher.matches()
                    ? Optional.of(new Id(Integer.parseInt(matcher.group(1)), Long.parseLong(matcher.group(2))))
                    : Optional.empty();
        }

        @Override
        public String toString() {
            return partition + "-" + offset;
        }
    }

    /**
     * Why a record was put aside.
     *
     * @param reason unreadable, nonsense, failed or unsendable
     * @param error class of the error
     * @param message in words
     * @param step step of the topology; empty if it did not reach one
     */
    public record Cause(String reason, String error, String message, String step) {}

    /**
     * Where the record came from.
     *
     * @param topic topic
     * @param partition partition
     * @param offset offset
     * @param timestamp the record's time; empty if not known
     * @param application application id of who put it aside
     */
    public record Origin(String topic, int partition, long offset, Optional<Instant> timestamp, String application) {}

    /** A header. */
    public record Header(String name, byte[] value) {}

    /** Who sent the letter again, and when. */
    public record Replay(Instant at, String by) {}

    /** The record as this build reads it. */
    public record Content(String type, String json) {}

    /** What the record says; empty if this build cannot read it, or the value is not there. */
    public Optional<Content> content() {
        return value.map(RecordCodec::decode).flatMap(decoded -> decoded instanceof RecordCodec.Decoded.Good good
                ? Optional.of(new Content(good.record().getSchema().getName(), good.record().toString()))
                : Optional.empty());
    }

    /** The same letter after it was sent again. */
    Letter with(Replay newReplay) {
        return new Letter(id, at, cause, origin, key, value, valueBytes, headers, whole, Optional.of(newReplay));
    }

    /** The same letter as a list shows it. */
    Letter withoutValue() {
        return new Letter(id, at, cause, origin, key, Optional.empty(), valueBytes, headers, whole, replay);
    }
}
