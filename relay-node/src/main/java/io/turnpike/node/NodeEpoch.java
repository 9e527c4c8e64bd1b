package io.turnpike.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;

/**
 * The number of a node's start, which grows strictly: events and quota accounts of two starts must never be mistaken for
 * each other. It is kept in {@code node.data-dir}, and it is never below the time in seconds, so that a lost folder does
 * not bring back old numbers.
 */
final class NodeEpoch {
    private static final String FILE = "epoch";

    private NodeEpoch() {}

    /**
     * Takes the next number; it is on disk before this returns.
     *
     * @throws UncheckedIOException if the folder cannot be written; the message names the key
     */
    static long next(Path dataDir, Instant now) {
        try {
            Files.createDirectories(dataDir);
            Path file = dataDir.resolve(FILE);
            long last = Files.exists(file) ? Long.parseLong(Files.readString(file).trim()) : 0;
            long epoch = Math.max(last + 1, now.getEpochSecond());
            write(file, epoch);
            return epoch;
        } catch (IOException e) {
            throw new UncheckedIOException("node.data-dir: cannot keep the epoch in " + dataDir, e);
        } catch (NumberFormatException e) {
            throw new IllegalStateException("node.data-dir: the file epoch in " + dataDir + " holds no number", e);
        }
    }

    private static void write(Path file, long epoch) throws IOException {
        Path fresh = file.resolveSibling(FILE + ".new");
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.write(ByteBuffer.wrap(Long.toString(epoch).getBytes(StandardCharsets.US_ASCII)));
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
