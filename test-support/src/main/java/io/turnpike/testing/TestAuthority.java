package io.turnpike.testing;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority of one test, which writes certificates and keys as PEM files. */
public final class TestAuthority {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final X500Principal NAME = new X500Principal("CN=Test authority");

    private final Path folder;
    private final KeyPair keys = newKeys("EC");
    private final Path file;

    /** A PEM file with a certificate, and one with its key. */
    public record PemFiles(Path certificate, Path privateKey) {}

    /**
     * Makes an authority.
     *
     * @param folder existing folder for all its files
     */
    public TestAuthority(Path folder) throws IOException {
        this.folder = folder;
        file = folder.resolve("authority.pem");
        X509Certificate certificate = sign(NAME, keys, Duration.ofDays(1), true, List.of());
        Files.writeString(file, pem("CERTIFICATE", encoded(certificate)));
    }

    /** What clients must trust. */
    public Path file() {
        return file;
    }

    /** Issues a certificate with an EC key for a day. */
    public PemFiles issue(String name, String... hosts) throws IOException {
        return issue(name, "EC", Duration.ofDays(1), hosts);
    }

    /**
     * Issues a certificate; files of the same name are replaced.
     *
     * @param name begins the names of the files, and is the subject
     * @param algorithm RSA or EC
     * @param validity from now; negative for one that has run out
     * @param hosts host names and IP addresses
     */
    public PemFiles issue(String name, String algorithm, Duration validity, String... hosts) throws IOException {
        KeyPair leaf = newKeys(algorithm);
        X509Certificate certificate = sign(new X500Principal("CN=" + name), leaf, validity, false, List.of(hosts));
        PemFiles files = new PemFiles(folder.resolve(name + ".pem"), folder.resolve(name + ".key"));
        Files.writeString(files.certificate(), pem("CERTIFICATE", encoded(certificate)));
        Files.writeString(files.privateKey(), pem("PRIVATE KEY", leaf.getPrivate().getEncoded()));
        return files;
    }

    private X509Certificate sign(X500Principal subject, KeyPair subjectKeys, Duration validity, boolean authority,
            List<String> hosts) {
        Instant now = Instant.now();
        Instant end = now.plus(validity);
        Instant begin = (end.isBefore(now) ? end : now).minus(Duration.ofHours(1));
        try {
            var builder = new JcaX509v3CertificateBuilder(NAME, new BigInteger(64, RANDOM), Date.from(begin),
                    Date.from(end), subject, subjectKeys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (!hosts.isEmpty()) {
                List<GeneralName> names = new ArrayList<>();
                for (String host : hosts) {
                    boolean address = host.matches("[0-9.]+|.*:.*");
                    names.add(new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, host));
                }
                builder.addExtension(Extension.subjectAlternativeName, false,
                        new GeneralNames(names.toArray(GeneralName[]::new)));
            }
            return new JcaX509CertificateConverter().getCertificate(
                    builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        } catch (OperatorCreationException | GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair newKeys(String algorithm) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(algorithm.equals("RSA") ? 2048 : 256);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(String label, byte[] encoded) {
        String lines = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(encoded);
        return "-----BEGIN " + label + "-----\n" + lines + "\n-----END " + label + "-----\n";
    }
}
