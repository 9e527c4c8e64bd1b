package io.turnpike.node.transport.tls;

import io.turnpike.node.config.TlsConfig;
import io.turnpike.node.config.TlsConfig.CertificateFiles;
import io.turnpike.node.config.TlsConfig.NamedCertificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates of a node, read again when their files change. A change is atomic: a client sees the old certificate
 * or the new one, with its own key; files that cannot be used change nothing. Thread-safe.
 */
public final class Certificates {
    private static final Logger LOG = LoggerFactory.getLogger(Certificates.class);

    private final List<Slot> slots = new ArrayList<>();
    private final Map<String, Slot> byServerName = new HashMap<>();
    private final List<CertificateUser> users = new ArrayList<>();
    private volatile long reloads;
    private volatile long failures;

    /**
     * Reads all files.
     *
     * @param config names the files; {@code certificate} is set
     * @throws InvalidCertificateException naming the file that cannot be used
     */
    public Certificates(TlsConfig config) throws InvalidCertificateException {
        slots.add(new Slot(config.certificate().orElseThrow()));
        for (NamedCertificate named : config.certificates()) {
            Slot slot = new Slot(named.files());
            slots.add(slot);
            named.serverNames().forEach(name -> byServerName.put(name, slot));
        }
    }

    /** The certificate of clients that ask for no server name, or for an unknown one. */
    public TlsMaterial current() {
        return slots.get(0).current;
    }

    /** The certificate of a server name (RFC 6066 section 3), {@link #current()} if no other is configured for it. */
    public TlsMaterial ofServerName(String name) {
        Slot slot = name == null ? null : byServerName.get(name.toLowerCase(Locale.ROOT));
        return slot == null ? current() : slot.current;
    }

    /** Lets a user get ready for the certificates now, and before each change. */
    public synchronized void use(CertificateUser user) throws InvalidCertificateException {
        for (Slot slot : slots) {
            prepare(user, slot.current);
        }
        users.add(user);
    }

    /** Looks at the files, and changes to what they hold now if it can be used. Blocks on the file system. */
    public synchronized void reload() {
        for (Slot slot : slots) {
            try {
                reload(slot);
            } catch (InvalidCertificateException e) {
                failures++;
                LOG.warn("certificate not reloaded, the old one stays reason={}", e.getMessage());
            }
        }
    }

    private void reload(Slot slot) throws InvalidCertificateException {
        PemFiles now;
        try {
            now = PemFiles.read(slot.seen.files());
        } catch (InvalidCertificateException e) {
            // Told once, not at every look.
            if (slot.readable) {
                slot.readable = false;
                throw e;
            }
            return;
        }
        slot.readable = true;
        if (now.sameBytes(slot.seen)) {
            return;
        }
        slot.seen = now;
        TlsMaterial old = slot.current;
        TlsMaterial material = now.material();
        if (material.equals(old)) {
            return;
        }
        List<CertificateUser> prepared = new ArrayList<>();
        try {
            for (CertificateUser user : users) {
                prepare(user, material);
                prepared.add(user);
            }
        } catch (InvalidCertificateException e) {
            prepared.forEach(user -> user.retire(material));
            throw e;
        }
        slot.current = material;
        users.forEach(user -> user.retire(old));
        reloads++;
        LOG.info("certificate reloaded certificate=\"{}\"", material);
    }

    private static void prepare(CertificateUser user, TlsMaterial material) throws InvalidCertificateException {
        try {
            user.prepare(material);
        } catch (Exception e) {
            throw new InvalidCertificateException("the TLS library refuses the certificate " + material, e);
        }
    }

    /** Changes so far. */
    public long reloads() {
        return reloads;
    }

    /** Changed files that could not be used so far. */
    public long failures() {
        return failures;
    }

    /** When the first of the certificates runs out. */
    public Instant expiresAt() {
        return slots.stream().map(slot -> slot.current.expiresAt()).min(Instant::compareTo).orElseThrow();
    }

    /** One pair of files: what was last read, and what is shown. */
    private static final class Slot {
        private PemFiles seen;
        private boolean readable = true;
        private volatile TlsMaterial current;

        Slot(CertificateFiles files) throws InvalidCertificateException {
            seen = PemFiles.read(files);
            current = seen.material();
        }
    }
}
