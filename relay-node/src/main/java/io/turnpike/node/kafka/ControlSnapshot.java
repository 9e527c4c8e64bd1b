package io.turnpike.node.kafka;

import io.turnpike.contract.SecretSeal;
import io.turnpike.contract.Topic;
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
import java.util.Collection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control records on disk, sealed with the cluster key, so that a relay that starts without Kafka serves the tenants
 * that it knew (DESIGN section 4).
 */
final class ControlSnapshot {
    private static final Logger LOG = LoggerFactory.getLogger(ControlSnapshot.class);
    private static final String CONTEXT = "control-snapshot|";
    private static final int FORMAT = 1;

    private final Path file;
    private final SecretSeal seal;
    private final String context;

    /**
     * One control record.
     *
     * @param topic where it was read
     * @param key its key
     * @param value its bytes
     */
    record Entry(Topic topic, String key, byte[] value) {}

    ControlSnapshot(Path file, SecretSeal seal, String nodeId) {
        this.file = file;
        this.seal = seal;
        this.context = CONTEXT + nodeId;
    }

    /** What was kept; nothing if there is no snapshot or it cannot be opened, which is logged. */
    List<Entry> load() {
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            Optional<byte[]> plain = seal.open(context, Files.readAllBytes(file));
            if (plain.isPresent()) {
                return read(plain.get());
            }
            LOG.warn("the control snapshot does not open with this cluster-key and node.id file={}",
                    file.getFileName());
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("the control snapshot cannot be read reason=\"{}\"", e.getMessage());
        }
        return List.of();
    }

    /** Replaces the snapshot; it is the old one or the new one whenever the process is killed. */
    void save(Collection<Entry> entries) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer sealed = ByteBuffer.wrap(seal.seal(context, write(entries)));
            while (sealed.hasRemaining()) {
                channel.write(sealed);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static byte[] write(Collection<Entry> entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(FORMAT);
        out.writeInt(entries.size());
        for (Entry entry : entries) {
            out.writeUTF(entry.topic().name());
            out.writeUTF(entry.key());
            out.writeInt(entry.value().length);
            out.write(entry.value());
        }
        return bytes.toByteArray();
    }

    private static List<Entry> read(byte[] plain) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(plain));
        if (in.readInt() != FORMAT) {
            throw new IOException("unknown format");
        }
        List<Entry> entries = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            Topic topic = Topic.valueOf(in.readUTF());
            String key = in.readUTF();
            entries.add(new Entry(topic, key, in.readNBytes(in.readInt())));
        }
        return entries;
    }
}
