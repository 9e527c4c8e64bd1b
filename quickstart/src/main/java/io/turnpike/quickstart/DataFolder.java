package io.turnpike.quickstart;

import io.turnpike.contract.SecretSeal;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The folder in which a quickstart keeps its state, so that the next one goes on from it: the broker's log, the relays'
 * folders, the stores, and the keys. Held by one process at a time.
 */
final class DataFolder implements AutoCloseable {
    private static final FileAttribute<?> OWNER_ONLY = PosixFilePermissions
            .asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path root;
    private final FileChannel lockFile;

    private DataFolder(Path root, FileChannel lockFile) {
        this.root = root;
        this.lockFile = lockFile;
    }

    /**
     * Makes the folder if it is missing, and takes it.
     *
     * @throws IOException if it cannot be written, or another process has it
     */
    static DataFolder open(Path root) throws IOException {
        Path absolute = Files.createDirectories(root.toAbsolutePath().normalize());
        FileChannel channel = FileChannel.open(absolute.resolve("lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        if (!lock(channel)) {
            channel.close();
            throw new IOException(inUse(absolute));
        }
        return new DataFolder(absolute, channel);
    }

    /** Whether another process has the folder; one that does not exist is nobody's. */
    static boolean isTaken(Path root) {
        try (FileChannel channel = FileChannel.open(root.resolve("lock"), StandardOpenOption.WRITE)) {
            return !lock(channel);
        } catch (IOException e) {
            return false;
        }
    }

    static String inUse(Path root) {
        return "another quickstart runs on " + root + ": end it, or choose another folder with --data";
    }

    private static boolean lock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    Path root() {
        return root;
    }

    Path kafka() {
        return root.resolve("kafka");
    }

    Path telemetry() {
        return root.resolve("telemetry");
    }

    Path relay(int index) {
        return root.resolve("relay-" + index);
    }

    Path tls() {
        return root.resolve("tls");
    }

    /** 32 random bytes in base64, made at the first use of the name and kept, readable by the owner only. */
    String key(String name) throws IOException {
        Path file = root.resolve(name + ".key");
        if (!Files.exists(file)) {
            Files.createFile(file, OWNER_ONLY);
            Files.writeString(file, SecretSeal.newKey());
        }
        return Files.readString(file).strip();
    }

    /** Whether something that happens once in the life of the folder has happened. */
    boolean isDone(String what) {
        return Files.exists(root.resolve(what + ".done"));
    }

    /** Remembers that it has happened. */
    void done(String what) throws IOException {
        Files.createFile(root.resolve(what + ".done"));
    }

    /** Gives the folder back. */
    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
