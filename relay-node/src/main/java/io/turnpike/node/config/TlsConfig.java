package io.turnpike.node.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * How TLS and DTLS are spoken.
 *
 * @param certificate shown to clients that ask for no server name, or for one that {@code certificates} does not list
 * @param certificates shown to clients that ask for their server names
 * @param provider which implementation of TLS
 * @param handshakeTimeout from the accepted connection to the end of the handshake
 * @param reloadInterval how often the files are looked at
 * @param maxHandshakes handshakes of a node that may be under way
 * @param maxHandshakesPerNetwork handshakes of one client network that may be under way
 */
public record TlsConfig(Optional<CertificateFiles> certificate, List<NamedCertificate> certificates,
        TlsProvider provider, Duration handshakeTimeout, Duration reloadInterval, int maxHandshakes,
        int maxHandshakesPerNetwork) {
    private static final int MOST_HANDSHAKES = 1_000_000;

    /** Refuses names that two certificates claim, and bounds that would shut everybody out. */
    public TlsConfig {
        certificates = List.copyOf(certificates);
        Rules.between("tls.handshake-timeout", handshakeTimeout, Duration.ofSeconds(1), Duration.ofMinutes(2));
        Rules.between("tls.reload-interval", reloadInterval, Duration.ofSeconds(1), Duration.ofDays(1));
        Rules.range("tls.max-handshakes", maxHandshakes, 1, MOST_HANDSHAKES);
        Rules.range("tls.max-handshakes-per-network", maxHandshakesPerNetwork, 1, maxHandshakes);
        Rules.require(certificate.isPresent() || certificates.isEmpty(), "tls.certificate",
                "is required with tls.certificates: clients may ask for no server name");
        Set<String> names = new HashSet<>();
        for (NamedCertificate named : certificates) {
            for (String name : named.serverNames()) {
                Rules.require(names.add(name), "tls.certificates", "names the server name " + name + " twice");
            }
        }
    }

    /** Implementations of TLS. AUTO is OPENSSL where its native library loads, JDK elsewhere. */
    public enum TlsProvider {
        AUTO, OPENSSL, JDK
    }

    /**
     * A certificate with its key, both PEM.
     *
     * @param chain the server's certificate, then those that issued it, without the root
     * @param privateKey PKCS#8, not encrypted
     */
    public record CertificateFiles(Path chain, Path privateKey) {
        /** Refuses missing parts. */
        public CertificateFiles {
            Objects.requireNonNull(chain, "chain");
            Objects.requireNonNull(privateKey, "privateKey");
        }
    }

    /**
     * A certificate for some server names.
     *
     * @param serverNames host names in lower case, as clients ask for them (RFC 6066 section 3)
     */
    public record NamedCertificate(List<String> serverNames, CertificateFiles files) {
        /** Refuses a certificate that nobody could ask for. */
        public NamedCertificate {
            serverNames = serverNames.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
            Rules.require(!serverNames.isEmpty() && serverNames.stream().noneMatch(String::isBlank),
                    "tls.certificates.server-names", "must list host names");
        }
    }
}
