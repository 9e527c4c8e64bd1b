package io.turnpike.telemetry.ledger;

import io.turnpike.contract.QuotaPeriod;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;

/**
 * The ledger's own state as bytes: a version, then the fields in order. It never leaves the ledger's stores; what
 * others read is Avro.
 */
public final class StateBytes {
    private static final int VERSION = 1;

    private StateBytes() {}

    /** Writes fields. */
    public interface Writer {
        void writeTo(DataOutputStream out) throws IOException;
    }

    /** Reads fields in the order in which they were written. */
    public interface Reader<T> {
        T readFrom(DataInputStream in) throws IOException;
    }

    /** The bytes of what is written. */
    public static byte[] write(Writer writer) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(192);
        try {
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeByte(VERSION);
            writer.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** What is read from the bytes.
     *
     * @throws IllegalStateException if they are of another version
     */
    public static <T> T read(byte[] bytes, Reader<T> reader) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new IllegalStateException("ledger state of version " + version + ", this build reads " + VERSION);
            }
            return reader.readFrom(in);
        } catch (IOException e) {
            throw new UncheckedIOException("broken ledger state", e);
        }
    }

    static void writePeriod(DataOutputStream out, QuotaPeriod period) throws IOException {
        out.writeBoolean(period != null);
        if (period != null) {
            out.writeUTF(period.id());
            writeInstant(out, period.start());
            writeInstant(out, period.end());
        }
    }

    static QuotaPeriod readPeriod(DataInputStream in) throws IOException {
        return in.readBoolean() ? new QuotaPeriod(in.readUTF(), readInstant(in), readInstant(in)) : null;
    }

    static void writeInstant(DataOutputStream out, Instant instant) throws IOException {
        out.writeLong(instant.getEpochSecond());
        out.writeInt(instant.getNano());
    }

    static Instant readInstant(DataInputStream in) throws IOException {
        return Instant.ofEpochSecond(in.readLong(), in.readInt());
    }
}
