package io.turnpike.node.transport.tls;

import io.turnpike.node.config.TlsConfig.CertificateFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The bytes of a certificate file and of its key file, and what they mean (RFC 7468).
 *
 * @param files where they were read
 * @param chain bytes of the chain's file
 * @param key bytes of the key's file
 */
record PemFiles(CertificateFiles files, byte[] chain, byte[] key) {
    private static final long MOST_BYTES = 1 << 20;
    private static final Pattern PRIVATE_KEY = Pattern
            .compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    static PemFiles read(CertificateFiles files) throws InvalidCertificateException {
        return new PemFiles(files, bytes(files.chain()), bytes(files.privateKey()));
    }

    private static byte[] bytes(Path file) throws InvalidCertificateException {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new InvalidCertificateException(file + " is too large for a certificate or key");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new InvalidCertificateException(file + " does not exist", e);
        } catch (AccessDeniedException e) {
            throw new InvalidCertificateException(file + " cannot be read: no permission", e);
        } catch (IOException e) {
            throw new InvalidCertificateException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    boolean sameBytes(PemFiles other) {
        return Arrays.equals(chain, other.chain) && Arrays.equals(key, other.key);
    }

    /** Reads chain and key, and checks that the key is the one of the first certificate. */
    TlsMaterial material() throws InvalidCertificateException {
        List<X509Certificate> certificates = certificates();
        PrivateKey privateKey = privateKey(certificates.get(0).getPublicKey().getAlgorithm());
        requirePair(certificates.get(0).getPublicKey(), privateKey);
        return new TlsMaterial(certificates, privateKey);
    }

    private List<X509Certificate> certificates() throws InvalidCertificateException {
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Certificate certificate : factory.generateCertificates(new ByteArrayInputStream(chain))) {
                certificates.add((X509Certificate) certificate);
            }
        } catch (CertificateException e) {
            throw new InvalidCertificateException(files.chain() + " holds no PEM certificates", e);
        }
        if (certificates.isEmpty()) {
            throw new InvalidCertificateException(files.chain() + " holds no PEM certificates");
        }
        return certificates;
    }

    private PrivateKey privateKey(String algorithm) throws InvalidCertificateException {
        Matcher pem = PRIVATE_KEY.matcher(new String(key, StandardCharsets.ISO_8859_1));
        if (!pem.find()) {
            throw new InvalidCertificateException(files.privateKey()
                    + " holds no unencrypted PKCS#8 key (BEGIN PRIVATE KEY); openssl pkcs8 -topk8 -nocrypt makes one");
        }
        try {
            byte[] encoded = Base64.getMimeDecoder().decode(pem.group(1));
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // The cause may quote the key's bytes.
            throw new InvalidCertificateException(
                    files.privateKey() + " is no " + algorithm + " key, which " + files.chain() + " needs");
        }
    }

    private void requirePair(PublicKey certified, PrivateKey privateKey) throws InvalidCertificateException {
        try {
            Signature signature = Signature.getInstance(switch (certified.getAlgorithm()) {
                case "RSA" -> "SHA256withRSA";
                case "EC" -> "SHA256withECDSA";
                default -> certified.getAlgorithm();
            });
            byte[] probe = "one pair".getBytes(StandardCharsets.US_ASCII);
            signature.initSign(privateKey);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(probe);
            if (signature.verify(signed)) {
                return;
            }
        } catch (GeneralSecurityException e) {
            throw new InvalidCertificateException(files.privateKey() + " cannot sign", e);
        }
        throw new InvalidCertificateException(
                files.privateKey() + " is not the key of the first certificate in " + files.chain());
    }
}
