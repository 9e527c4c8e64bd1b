package io.turnpike.quickstart;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The certificate authority of one quickstart: made at its first start and kept, so that it has to be trusted once. It
 * certifies the relays for loopback, and anew before their certificate ends. Keys are readable by the owner only.
 */
public final class LocalAuthority {
    static final Duration AUTHORITY_LIFETIME = Duration.ofDays(3650);
    static final Duration RELAY_LIFETIME = Duration.ofDays(90);
    /** What must be left of the relays' certificate; of the authority's, what one relay certificate needs. */
    static final Duration RENEWAL = Duration.ofDays(30);

    private static final List<String> HOST_NAMES = List.of("localhost");
    private static final List<String> ADDRESSES = List.of("127.0.0.1", "127.0.0.2", "::1");
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final int SERIAL_BITS = 120;
    private static final String KEY = "PRIVATE KEY";
    private static final FileAttribute<?> OWNER_ONLY = PosixFilePermissions
            .asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<?> READABLE = PosixFilePermissions
            .asFileAttribute(PosixFilePermissions.fromString("rw-r--r--"));
    /** A clock may be behind the one that certified. */
    private static final Duration BACKDATED = Duration.ofHours(1);

    private final Path folder;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    private LocalAuthority(Path folder, Clock clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /**
     * Makes what is missing in the folder, and what is about to end.
     *
     * @throws IOException if the folder cannot be read or written
     */
    public static LocalAuthority open(Path folder, Clock clock) throws IOException {
        Files.createDirectories(folder);
        LocalAuthority authority = new LocalAuthority(folder, clock);
        authority.renew();
        return authority;
    }

    /** What clients must trust. */
    public Path certificate() {
        return folder.resolve("ca.pem");
    }

    /** Where relays show the relays' certificate. */
    public SecurePort at(int port) {
        return new SecurePort(port, folder.resolve("relay.pem"), folder.resolve("relay.key"));
    }

    /** Replaces the certificates that are about to end; relays read the files again by themselves. */
    public synchronized void renew() throws IOException {
        Path authorityKey = folder.resolve("ca.key");
        Path relay = folder.resolve("relay.pem");
        try {
            if (!lasts(certificate(), RELAY_LIFETIME) || !Files.exists(authorityKey)) {
                KeyPair keys = newKeys();
                replace(authorityKey, KEY, keys.getPrivate().getEncoded());
                replace(certificate(), "CERTIFICATE", authority(keys).getEncoded());
                Files.deleteIfExists(relay);
            }
            if (!lasts(relay, RENEWAL)) {
                KeyPair keys = newKeys();
                X509Certificate certified = relay(keys, read(certificate()), privateKey(authorityKey));
                replace(folder.resolve("relay.key"), KEY, keys.getPrivate().getEncoded());
                replace(relay, "CERTIFICATE", certified.getEncoded());
            }
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IOException("no certificate can be made in " + folder, e);
        }
    }

    private boolean lasts(Path file, Duration least) throws IOException {
        return Files.exists(file) && read(file).getNotAfter().toInstant().isAfter(clock.instant().plus(least));
    }

    private X509Certificate authority(KeyPair keys) throws GeneralSecurityException, OperatorCreationException,
            CertIOException {
        X500Name name = new X500Name("CN=Turnpike quickstart CA " + new BigInteger(32, random).toString(16));
        JcaX509v3CertificateBuilder builder = builder(name, name, keys, AUTHORITY_LIFETIME);
        JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                .addExtension(Extension.subjectKeyIdentifier, false,
                        extensions.createSubjectKeyIdentifier(keys.getPublic()));
        return signed(builder, keys.getPrivate());
    }

    private X509Certificate relay(KeyPair keys, X509Certificate authority, PrivateKey authorityKey)
            throws GeneralSecurityException, OperatorCreationException, CertIOException {
        X500Name issuer = X500Name.getInstance(authority.getSubjectX500Principal().getEncoded());
        JcaX509v3CertificateBuilder builder = builder(issuer, new X500Name("CN=localhost"), keys, RELAY_LIFETIME);
        GeneralName[] names = new GeneralName[HOST_NAMES.size() + ADDRESSES.size()];
        for (int i = 0; i < names.length; i++) {
            names[i] = i < HOST_NAMES.size()
                    ? new GeneralName(GeneralName.dNSName, HOST_NAMES.get(i))
                    : new GeneralName(GeneralName.iPAddress, ADDRESSES.get(i - HOST_NAMES.size()));
        }
        JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names))
                .addExtension(Extension.subjectKeyIdentifier, false,
                        extensions.createSubjectKeyIdentifier(keys.getPublic()))
                .addExtension(Extension.authorityKeyIdentifier, false,
                        extensions.createAuthorityKeyIdentifier(authority));
        return signed(builder, authorityKey);
    }

    private JcaX509v3CertificateBuilder builder(X500Name issuer, X500Name subject, KeyPair keys, Duration lifetime) {
        Instant now = clock.instant();
        return new JcaX509v3CertificateBuilder(issuer, new BigInteger(SERIAL_BITS, random).add(BigInteger.ONE),
                Date.from(now.minus(BACKDATED)), Date.from(now.plus(lifetime)), subject, keys.getPublic());
    }

    private static X509Certificate signed(JcaX509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException, OperatorCreationException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key)));
    }

    private KeyPair newKeys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        return generator.generateKeyPair();
    }

    private static X509Certificate read(Path file) throws IOException {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(file)));
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " is no certificate: delete it and start again", e);
        }
    }

    private static PrivateKey privateKey(Path file) throws IOException {
        try {
            String base64 = Files.readString(file).replaceAll("-----[A-Z ]+-----", "");
            return KeyFactory.getInstance("EC")
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // The cause may quote the key.
            throw new IOException(file + " is no key: delete it and start again");
        }
    }

    /** Whoever reads the file sees the old one or the new one, never a half. */
    private void replace(Path file, String label, byte[] encoded) throws IOException {
        String lines = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(encoded);
        Path whole = Files.createTempFile(folder, ".new", ".pem", label.equals(KEY) ? OWNER_ONLY : READABLE);
        Files.writeString(whole, "-----BEGIN " + label + "-----\n" + lines + "\n-----END " + label + "-----\n");
        Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
