package io.turnpike.node.kafka;

import io.turnpike.node.quota.SpendLog;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@link SpendLog} in {@code node.data-dir}: one file, replaced as a whole by a thread of its own, and synced before it
 * counts. It names its inode: a copy, or a file that a backup brought back, is older than what was spent, and is not
 * believed. Where it cannot be written it is removed, so that nobody settles by it; the lock of the directory makes sure
 * that whoever reads it comes after whoever wrote it.
 */
public final class SpendFile implements SpendLog, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SpendFile.class);
    private static final String NAME = "quota.spend";
    private static final int MAGIC = 0x54505351;
    private static final int FORMAT = 2;
    private static final int CRC_BYTES = Long.BYTES;

    private final Path file;
    private final String nodeId;
    private final Optional<Page> inherited;
    private final ExecutorService writer = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "turnpike-spend");
        thread.setDaemon(true);
        return thread;
    });
    private boolean failing;

    private SpendFile(Path file, String nodeId, Optional<Page> inherited) {
        this.file = file;
        this.nodeId = nodeId;
        this.inherited = inherited;
    }

    /**
     * Reads what the process before this one wrote.
     *
     * @param dataDir {@code node.data-dir}, whose lock this process holds
     * @param isFirst whether no process of the node has used the directory before
     */
    public static SpendFile open(Path dataDir, String nodeId, boolean isFirst) {
        Path file = dataDir.resolve(NAME);
        return new SpendFile(file, nodeId, load(file, nodeId, isFirst));
    }

    private static Optional<Page> load(Path file, String nodeId, boolean isFirst) {
        if (!Files.exists(file)) {
            if (!isFirst) {
                LOG.info("no account of an earlier process is settled, and none has grace left in a running period:"
                        + " there is no {}", file.getFileName());
            }
            return isFirst ? Optional.of(Page.EMPTY) : Optional.empty();
        }
        try {
            return Optional.of(read(Files.readAllBytes(file), inode(file), nodeId));
        } catch (IOException | RuntimeException e) {
            LOG.warn("no account of an earlier process is settled, and none has grace left in a running period:"
                    + " {} reason=\"{}\"", file.getFileName(), e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public Optional<Page> inherited() {
        return inherited;
    }

    @Override
    public void write(Page page, Consumer<Outcome> done) {
        try {
            writer.execute(() -> done.accept(replace(page)));
        } catch (RejectedExecutionException e) { // closed: nothing is spent any more
            done.accept(Outcome.FAILED);
        }
    }

    private Outcome replace(Page page) {
        try {
            Path fresh = file.resolveSibling(NAME + ".new");
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer bytes = ByteBuffer.wrap(bytes(page, inode(fresh), nodeId));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            syncDirectory();
            failing = false;
            return Outcome.WRITTEN;
        } catch (IOException e) {
            return remove(e);
        }
    }

    private Outcome remove(IOException why) {
        Outcome outcome = Outcome.NOTHING_KEPT;
        try {
            Files.deleteIfExists(file);
            syncDirectory();
        } catch (IOException e) {
            outcome = Outcome.FAILED;
        }
        if (!failing) {
            failing = true;
            LOG.error("quota spending cannot be written ahead: {} file={} reason=\"{}\"", outcome == Outcome.FAILED
                    ? "hard quotas stop at what was written last"
                    : "what this process holds stays charged if it is killed", file, why.toString());
        }
        return outcome;
    }

    private void syncDirectory() throws IOException {
        try (FileChannel directory = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private static long inode(Path path) throws IOException {
        return ((Number) Files.getAttribute(path, "unix:ino")).longValue();
    }

    private static byte[] bytes(Page page, long inode, String nodeId) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(MAGIC);
        out.writeInt(FORMAT);
        out.writeLong(inode);
        out.writeUTF(nodeId);
        out.writeLong(page.knownSince().toEpochMilli());
        out.writeInt(page.claims().size());
        for (Claim claim : page.claims()) {
            out.writeLong(claim.nodeEpoch());
            out.writeLong(claim.processNonce());
            out.writeUTF(claim.tenantId());
            out.writeUTF(claim.userId());
            out.writeUTF(claim.periodId());
            out.writeLong(claim.policyEpoch());
            out.writeLong(claim.grantSeq());
            out.writeLong(claim.ceilingBytes());
            out.writeLong(claim.ungrantedBytes());
        }
        out.writeInt(page.grace().size());
        for (GraceUse use : page.grace()) {
            out.writeUTF(use.tenantId());
            out.writeUTF(use.periodId());
            out.writeLong(use.periodEnd().toEpochMilli());
            out.writeLong(use.bytes());
        }
        out.writeLong(crc(bytes.toByteArray(), bytes.size()));
        return bytes.toByteArray();
    }

    private static Page read(byte[] bytes, long inode, String nodeId) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        if (bytes.length < CRC_BYTES
                || crc(bytes, bytes.length - CRC_BYTES) != ByteBuffer.wrap(bytes).getLong(bytes.length - CRC_BYTES)) {
            throw new IOException("the file is damaged");
        }
        if (in.readInt() != MAGIC || in.readInt() != FORMAT) {
            throw new IOException("the file is of another program");
        }
        if (in.readLong() != inode) {
            throw new IOException("the file is a copy");
        }
        String writer = in.readUTF();
        if (!writer.equals(nodeId)) {
            throw new IOException("the file is of node " + writer);
        }
        Instant knownSince = Instant.ofEpochMilli(in.readLong());
        List<Claim> claims = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            claims.add(new Claim(in.readLong(), in.readLong(), in.readUTF(), in.readUTF(), in.readUTF(), in.readLong(),
                    in.readLong(), in.readLong(), in.readLong()));
        }
        List<GraceUse> grace = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            grace.add(new GraceUse(in.readUTF(), in.readUTF(), Instant.ofEpochMilli(in.readLong()), in.readLong()));
        }
        return new Page(claims, grace, knownSince);
    }

    private static long crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return crc.getValue();
    }

    /** Ends the thread, after the write that it is at. */
    @Override
    public void close() {
        writer.shutdown();
        try {
            writer.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
