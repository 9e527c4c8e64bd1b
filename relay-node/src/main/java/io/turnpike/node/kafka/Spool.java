package io.turnpike.node.kafka;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records on disk that Kafka has not taken yet: a bounded queue, first in, first out, over restarts. It lives in
 * numbered segment files of frames: length, CRC-32C, body. A process that is killed loses at most the frame that it was
 * writing; what a machine loses with its power is at most what was appended since the last {@link #sync}.
 *
 * <p>What was read stays until {@link #acknowledge}, so a record may be read twice, also after a restart; its identity
 * makes that harmless. Confined to the publisher thread; {@link #bytes} may be asked by anyone.
 */
final class Spool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);
    private static final Pattern SEGMENT = Pattern.compile("spool-(\\d{16})\\.log");
    private static final int FRAME_HEADER_BYTES = 8;
    private static final int MAX_BODY_BYTES = 4 * 1024 * 1024;
    private static final int SEGMENTS = 16;

    private final Path dir;
    private final long maxBytes;
    private final long segmentBytes;
    private final Deque<Segment> segments = new ArrayDeque<>();
    private volatile long bytes;
    private long nextNumber;
    private boolean unsynced;
    private long unreadableSegments;

    /** One file: what is written, read and acknowledged of it. */
    private static final class Segment {
        private final Path file;
        private final FileChannel channel;
        private long writtenTo;
        private long readTo;

        Segment(Path file, FileChannel channel, long writtenTo) {
            this.file = file;
            this.channel = channel;
            this.writtenTo = writtenTo;
        }

        boolean isReadOut() {
            return readTo >= writtenTo;
        }
    }

    private Spool(Path dir, long maxBytes) {
        this.dir = dir;
        this.maxBytes = maxBytes;
        this.segmentBytes = Math.max(4096, maxBytes / SEGMENTS);
    }

    /**
     * Opens the spool, with what an earlier process left in it.
     *
     * @param dir its directory, made if missing
     * @param maxBytes most bytes that it keeps; 0 keeps nothing
     */
    static Spool open(Path dir, long maxBytes) throws IOException {
        Files.createDirectories(dir);
        Spool spool = new Spool(dir, maxBytes);
        List<Path> files;
        try (Stream<Path> listing = Files.list(dir)) {
            files = listing.filter(file -> SEGMENT.matcher(file.getFileName().toString()).matches()).sorted().toList();
        }
        for (Path file : files) {
            spool.recover(file);
        }
        return spool;
    }

    private void recover(Path file) throws IOException {
        String name = file.getFileName().toString();
        nextNumber = Long.parseLong(name.substring(6, 22)) + 1;
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        long end = 0;
        while (true) {
            ByteBuffer body = frameAt(channel, end, channel.size());
            if (body == null) {
                break;
            }
            end += FRAME_HEADER_BYTES + body.remaining();
        }
        if (end < channel.size()) {
            unreadableSegments++;
            LOG.warn("spool segment ends in a broken frame, cut file={} keptBytes={} cutBytes={}", name, end,
                    channel.size() - end);
            channel.truncate(end);
        }
        if (end == 0) {
            channel.close();
            Files.delete(file);
            return;
        }
        segments.addLast(new Segment(file, channel, end));
        bytes += end;
    }

    /**
     * Appends a record.
     *
     * @param sixteenths share of the bound that may be full for it; less important records leave room for others
     * @return false if the bound does not allow it
     */
    boolean append(WireRecord record, int sixteenths) throws IOException {
        byte[] body = encode(record);
        long frameBytes = FRAME_HEADER_BYTES + (long) body.length;
        if (bytes + frameBytes > maxBytes / 16 * sixteenths || body.length > MAX_BODY_BYTES) {
            return false;
        }
        Segment last = segments.peekLast();
        if (last == null || last.writtenTo + frameBytes > segmentBytes && last.writtenTo > 0) {
            last = newSegment();
        }
        ByteBuffer frame = ByteBuffer.allocate((int) frameBytes).putInt(body.length).putInt(checksum(body)).put(body);
        frame.flip();
        long at = last.writtenTo;
        while (frame.hasRemaining()) {
            at += last.channel.write(frame, at);
        }
        last.writtenTo = at;
        bytes += frameBytes;
        unsynced = true;
        return true;
    }

    /** The next record that was not read yet, or null. */
    WireRecord read() throws IOException {
        for (Segment segment : segments) {
            while (!segment.isReadOut()) {
                ByteBuffer body = frameAt(segment.channel, segment.readTo, segment.writtenTo);
                if (body == null) {
                    LOG.error("spool segment cannot be read further file={} lostBytes={}", segment.file.getFileName(),
                            segment.writtenTo - segment.readTo);
                    unreadableSegments++;
                    segment.readTo = segment.writtenTo;
                    break;
                }
                segment.readTo += FRAME_HEADER_BYTES + body.remaining();
                return decode(body);
            }
        }
        return null;
    }

    /** Everything that was read has arrived: whole segments are deleted. */
    void acknowledge() throws IOException {
        while (!segments.isEmpty() && segments.peekFirst().isReadOut()) {
            Segment segment = segments.removeFirst();
            bytes -= segment.writtenTo;
            segment.channel.close();
            Files.deleteIfExists(segment.file);
        }
    }

    /** Reads again what was not acknowledged. */
    void rewind() {
        segments.forEach(segment -> segment.readTo = 0);
    }

    /** Whether there is nothing, read or unread. */
    boolean isEmpty() {
        return segments.isEmpty();
    }

    /** Whether every record was read. */
    boolean isReadOut() {
        return segments.stream().allMatch(Segment::isReadOut);
    }

    /** Bytes on disk. */
    long bytes() {
        return bytes;
    }

    /** Segments that lost frames to broken bytes. */
    long unreadableSegments() {
        return unreadableSegments;
    }

    /** Makes what was appended survive a loss of power. */
    void sync() throws IOException {
        if (unsynced) {
            unsynced = false;
            Segment last = segments.peekLast();
            if (last != null) {
                last.channel.force(false);
            }
        }
    }

    /** Closes the files; what is in them stays for the next start. */
    @Override
    public void close() throws IOException {
        sync();
        for (Segment segment : segments) {
            segment.channel.close();
        }
        segments.clear();
    }

    private Segment newSegment() throws IOException {
        sync();
        Path file = dir.resolve(String.format("spool-%016d.log", nextNumber++));
        Segment segment = new Segment(file, FileChannel.open(file, StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ, StandardOpenOption.WRITE), 0);
        segments.addLast(segment);
        return segment;
    }

    private static ByteBuffer frameAt(FileChannel channel, long at, long end) throws IOException {
        if (end - at < FRAME_HEADER_BYTES) {
            return null;
        }
        ByteBuffer header = readFully(channel, at, FRAME_HEADER_BYTES);
        int length = header.getInt();
        int checksum = header.getInt();
        if (length <= 0 || length > MAX_BODY_BYTES || end - at - FRAME_HEADER_BYTES < length) {
            return null;
        }
        ByteBuffer body = readFully(channel, at + FRAME_HEADER_BYTES, length);
        return checksum(body.array()) == checksum ? body : null;
    }

    private static ByteBuffer readFully(FileChannel channel, long at, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining() && channel.read(buffer, at + buffer.position()) >= 0) {
            // until the buffer is full or the file ends
        }
        return buffer.flip();
    }

    private static int checksum(byte[] body) {
        CRC32C crc = new CRC32C();
        crc.update(body);
        return (int) crc.getValue();
    }

    private static byte[] encode(WireRecord record) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(record.value().length + 96);
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeUTF(record.topic());
        out.writeUTF(record.key());
        out.write(record.value());
        return bytes.toByteArray();
    }

    private static WireRecord decode(ByteBuffer body) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(body.array()));
        return new WireRecord(in.readUTF(), in.readUTF(), in.readAllBytes());
    }
}
