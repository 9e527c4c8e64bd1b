package io.turnpike.node.kafka;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;

/**
 * The number of this start of the node: strictly greater than that of every start before, kept in {@code node.data-dir}.
 * It is at least the wall clock in milliseconds, so that it grows even if the directory is lost. Holds the directory's
 * lock until closed: two processes on one directory would be one node twice (QUOTA.md rule 6).
 */
public final class NodeEpoch implements AutoCloseable {
    private static final String EPOCH_FILE = "node.epoch";
    private static final String LOCK_FILE = "node.lock";

    private final long value;
    private final boolean first;
    private final FileChannel lockFile;

    private NodeEpoch(long value, boolean first, FileChannel lockFile) {
        this.value = value;
        this.first = first;
        this.lockFile = lockFile;
    }

    /**
     * Takes the next epoch and writes it down before it is used.
     *
     * @param dataDir {@code node.data-dir}, made if missing
     * @throws IOException if the directory is not writable or another process has it; the message names the key
     */
    public static NodeEpoch take(Path dataDir, Clock clock) throws IOException {
        Files.createDirectories(dataDir);
        FileChannel lockFile = FileChannel.open(dataDir.resolve(LOCK_FILE), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        try {
            lock(lockFile, dataDir);
            Path file = dataDir.resolve(EPOCH_FILE);
            boolean first = !Files.exists(file);
            long epoch = Math.max(last(file) + 1, clock.millis());
            write(file, epoch);
            return new NodeEpoch(epoch, first, lockFile);
        } catch (IOException | RuntimeException e) {
            lockFile.close();
            throw e;
        }
    }

    /** The epoch, at least 1. */
    public long value() {
        return value;
    }

    /** Whether no process has used the directory before. */
    public boolean isFirst() {
        return first;
    }

    /** Lets another process have the directory. */
    @Override
    public void close() throws IOException {
        lockFile.close();
    }

    private static void lock(FileChannel lockFile, Path dataDir) throws IOException {
        FileLock lock;
        try {
            lock = lockFile.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            throw new IOException("node.data-dir " + dataDir + " belongs to another running relay");
        }
    }

    private static long last(Path file) throws IOException {
        if (!Files.exists(file)) {
            return 0;
        }
        String text = Files.readString(file).strip();
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IOException("the epoch in " + file + " is not a number; node.data-dir must be a relay's own", e);
        }
    }

    private static void write(Path file, long epoch) throws IOException {
        Path fresh = file.resolveSibling(EPOCH_FILE + ".new");
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.write(StandardCharsets.US_ASCII.encode(Long.toString(epoch)));
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
