package io.turnpike.telemetry.store;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.common.errors.SerializationException;

/**
 * One kind of state to and from bytes: Avro's single-object encoding (Avro 1.12 specification), written and read by
 * generated code through buffers that a thread keeps. Avro's own message coders go byte by byte through a stream, which
 * costs more than everything else about a small record. Thread-safe.
 */
final class StateCodec<R extends SpecificRecordBase> {
    private static final int HEADER_BYTES = 10;
    private static final short MARKER = (short) 0xC301;
    private static final ThreadLocal<Buffers> BUFFERS = ThreadLocal.withInitial(Buffers::new);

    private final byte[] header;
    private final DatumWriter<R> writer;
    private final DatumReader<R> reader;

    private static final class Buffers {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        private BinaryEncoder encoder;
        private BinaryDecoder decoder;
    }

    StateCodec(R prototype) {
        Schema schema = prototype.getSchema();
        SpecificData data = prototype.getSpecificData();
        data.setCustomCoders(true); // generated, without a walk over the schema
        header = ByteBuffer.allocate(HEADER_BYTES).putShort(MARKER).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(SchemaNormalization.parsingFingerprint64(schema)).array();
        writer = new SpecificDatumWriter<>(schema, data);
        reader = new SpecificDatumReader<>(schema, schema, data);
    }

    byte[] encode(R record) {
        Buffers buffers = BUFFERS.get();
        buffers.bytes.reset();
        buffers.bytes.write(header, 0, HEADER_BYTES);
        buffers.encoder = EncoderFactory.get().binaryEncoder(buffers.bytes, buffers.encoder);
        try {
            writer.write(record, buffers.encoder);
            buffers.encoder.flush();
        } catch (IOException e) {
            throw new SerializationException("cannot encode state", e);
        }
        return buffers.bytes.toByteArray();
    }

    R decode(byte[] bytes) {
        for (int i = 0; i < HEADER_BYTES; i++) {
            if (bytes.length < HEADER_BYTES || bytes[i] != header[i]) {
                throw new SerializationException("state of another schema than this build's");
            }
        }
        Buffers buffers = BUFFERS.get();
        buffers.decoder = DecoderFactory.get().binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES,
                buffers.decoder);
        try {
            return reader.read(null, buffers.decoder);
        } catch (IOException e) {
            throw new SerializationException("cannot decode state", e);
        }
    }
}
