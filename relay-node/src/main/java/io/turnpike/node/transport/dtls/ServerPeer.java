package io.turnpike.node.transport.dtls;

import io.turnpike.node.transport.tls.Certificates;
import io.turnpike.node.transport.tls.TlsMaterial;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Hashtable;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.Vector;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.HashAlgorithm;
import org.bouncycastle.tls.KeyExchangeAlgorithm;
import org.bouncycastle.tls.NameType;
import org.bouncycastle.tls.ProtocolName;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.ServerName;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaDefaultTlsCredentialedSigner;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCertificate;

/**
 * What this server wants of a handshake: DTLS 1.2, forward secrecy, AES-GCM (RFC 9325 section 4.2), its certificate, and
 * the application protocols of RFC 7443. One for each handshake; confined to its thread.
 */
final class ServerPeer extends DefaultTlsServer {
    private static final int[] SUITES = {CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384};
    private static final Set<Short> HASHES = Set.of(HashAlgorithm.sha256, HashAlgorithm.sha384, HashAlgorithm.sha512);
    private static final List<ProtocolName> PROTOCOLS = List.of(ProtocolName.asUtf8Encoding("stun.turn"),
            ProtocolName.asUtf8Encoding("stun.nat-discovery"));

    private final GuardedCrypto crypto;
    private final Certificates certificates;
    private final Duration timeout;
    private Optional<String> serverName = Optional.empty();
    private TlsMaterial material;

    ServerPeer(GuardedCrypto crypto, Certificates certificates, Duration timeout) {
        super(crypto);
        this.crypto = crypto;
        this.certificates = certificates;
        material = certificates.current();
        this.timeout = timeout;
    }

    /** The name by which the client asked for this server (RFC 6066 section 3). */
    Optional<String> serverName() {
        return serverName;
    }

    @Override
    @SuppressWarnings("rawtypes")
    public void processClientExtensions(Hashtable clientExtensions) throws IOException {
        super.processClientExtensions(clientExtensions);
        serverName = hostName(context.getSecurityParametersHandshake().getClientServerNames());
        material = certificates.ofServerName(serverName.orElse(null));
    }

    private static Optional<String> hostName(Vector<?> names) {
        return names == null
                ? Optional.empty()
                : names.stream().map(ServerName.class::cast).filter(name -> name.getNameType() == NameType.host_name)
                        .map(name -> new String(name.getNameData(), StandardCharsets.US_ASCII)).findFirst();
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
        return ProtocolVersion.DTLSv12.only();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
        return TlsUtils.getSupportedCipherSuites(crypto, SUITES);
    }

    /** Only suites that the certificate's key can sign for. */
    @Override
    protected boolean selectCipherSuite(int cipherSuite) throws IOException {
        boolean forRsa = TlsUtils.getKeyExchangeAlgorithm(cipherSuite) == KeyExchangeAlgorithm.ECDHE_RSA;
        return forRsa == signsWithRsa() && super.selectCipherSuite(cipherSuite);
    }

    private boolean signsWithRsa() {
        return material.key().getAlgorithm().startsWith("RSA");
    }

    @Override
    protected boolean preferLocalCipherSuites() {
        return true;
    }

    @Override
    protected Vector<ProtocolName> getProtocolNames() {
        return new Vector<>(PROTOCOLS);
    }

    @Override
    public int getHandshakeTimeoutMillis() {
        return Math.toIntExact(timeout.toMillis());
    }

    @Override
    public int getMaxHandshakeMessageSize() {
        return GuardedCrypto.MAX_HANDSHAKE_MESSAGE_BYTES;
    }

    @Override
    protected TlsCredentialedSigner getECDSASignerCredentials() throws IOException {
        return signer();
    }

    @Override
    protected TlsCredentialedSigner getRSASignerCredentials() throws IOException {
        return signer();
    }

    private TlsCredentialedSigner signer() throws IOException {
        TlsCertificate[] chain = new TlsCertificate[material.chain().size()];
        for (int i = 0; i < chain.length; i++) {
            chain[i] = new JcaTlsCertificate(crypto, material.chain().get(i));
        }
        TlsCryptoParameters parameters = new TlsCryptoParameters(context);
        return new JcaDefaultTlsCredentialedSigner(parameters, crypto, material.key(), new Certificate(chain),
                signatureAlgorithm());
    }

    /**
     * The client's first algorithm that the key can sign with, SHA-1 aside. For RSA keys that is PKCS #1, which DTLS 1.2
     * clients offer: the Java runtime names PSS otherwise than the library does.
     */
    private SignatureAndHashAlgorithm signatureAlgorithm() throws IOException {
        short wanted = signsWithRsa() ? SignatureAlgorithm.rsa : SignatureAlgorithm.ecdsa;
        Vector<?> offered = context.getSecurityParametersHandshake().getClientSigAlgs();
        if (offered != null) {
            for (Object each : offered) {
                SignatureAndHashAlgorithm algorithm = (SignatureAndHashAlgorithm) each;
                if (algorithm.getSignature() == wanted && HASHES.contains(algorithm.getHash())) {
                    return algorithm;
                }
            }
        }
        throw new TlsFatalAlert(AlertDescription.handshake_failure);
    }
}
