package io.turnpike.node.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnpike.node.config.TlsConfig;
import io.turnpike.node.config.TlsConfig.CertificateFiles;
import io.turnpike.node.config.TlsConfig.NamedCertificate;
import io.turnpike.node.config.TlsConfig.TlsProvider;
import io.turnpike.testing.TestAuthority;
import io.turnpike.testing.TestAuthority.PemFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertificatesTest {
    @TempDir
    private Path folder;
    private TestAuthority authority;
    private PemFiles files;

    @BeforeEach
    void makeCertificate() throws Exception {
        authority = new TestAuthority(folder);
        files = authority.issue("relay", "127.0.0.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC"})
    void readsAChainWithItsKey(String algorithm) throws Exception {
        authority.issue("relay", algorithm, Duration.ofDays(2), "127.0.0.1");
        Files.writeString(files.certificate(), Files.readString(authority.file()),
                java.nio.file.StandardOpenOption.APPEND);

        TlsMaterial material = load().current();

        assertThat(material.chain()).hasSize(2);
        assertThat(material.leaf().getPublicKey().getAlgorithm()).isEqualTo(algorithm);
        // The authority's ends first.
        assertThat(material.expiresAt()).isBefore(Instant.now().plus(Duration.ofDays(1)));
        assertThat(material.toString()).contains("CN=relay").doesNotContain(material.key().toString());
    }

    @Test
    void changesToNewFiles() throws Exception {
        Certificates certificates = load();
        TlsMaterial old = certificates.current();
        certificates.reload();
        assertThat(certificates.current()).isSameAs(old);

        authority.issue("relay", "127.0.0.1");
        certificates.reload();

        assertThat(certificates.current()).isNotEqualTo(old);
        assertThat(certificates.reloads()).isOne();
        assertThat(certificates.failures()).isZero();
    }

    @Test
    void keepsTheOldCertificateWhileTheFilesCannotBeUsed() throws Exception {
        Certificates certificates = load();
        TlsMaterial old = certificates.current();
        byte[] key = Files.readAllBytes(files.privateKey());

        // The certificate has been replaced, its key not yet.
        authority.issue("relay", "127.0.0.1");
        byte[] newKey = Files.readAllBytes(files.privateKey());
        Files.write(files.privateKey(), key);
        certificates.reload();
        assertThat(certificates.failures()).isOne();
        certificates.reload();
        assertThat(certificates.failures()).as("told once").isOne();

        Files.writeString(files.certificate(), "nothing");
        certificates.reload();
        Files.delete(files.certificate());
        certificates.reload();
        certificates.reload();
        assertThat(certificates.failures()).isEqualTo(3);
        assertThat(certificates.current()).isSameAs(old);

        Files.write(files.privateKey(), newKey);
        authority.issue("relay", "127.0.0.1");
        certificates.reload();
        assertThat(certificates.current()).isNotEqualTo(old);
        assertThat(certificates.reloads()).isOne();
    }

    @Test
    void keepsTheOldCertificateIfALibraryRefusesTheNewOne() throws Exception {
        Certificates certificates = load();
        TlsMaterial old = certificates.current();
        List<String> told = new ArrayList<>();
        certificates.use(new Recorder(told, "first", material -> false));
        certificates.use(new Recorder(told, "second", material -> material != old));
        told.clear();

        authority.issue("relay", "127.0.0.1");
        certificates.reload();

        assertThat(told).containsExactly("first prepares", "second refuses", "first retires");
        assertThat(certificates.current()).isSameAs(old);
        assertThat(certificates.failures()).isOne();
    }

    @Test
    void choosesByServerNameWhateverItsCase() throws Exception {
        PemFiles other = authority.issue("other", "turn.acme.example");
        Certificates certificates = new Certificates(config(
                List.of(new NamedCertificate(List.of("Turn.Acme.example"), pair(other)))));

        assertThat(certificates.ofServerName("turn.ACME.example").leaf().getSubjectX500Principal().getName())
                .isEqualTo("CN=other");
        assertThat(certificates.ofServerName("unknown.example")).isSameAs(certificates.current());
        assertThat(certificates.ofServerName(null)).isSameAs(certificates.current());
    }

    @Test
    void namesTheFileThatCannotBeUsedAndNotWhatIsInIt() throws Exception {
        Files.writeString(files.privateKey(), "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");
        assertThatThrownBy(this::load).hasMessageContaining("relay.key").hasMessageNotContaining("c2VjcmV0")
                .hasNoCause();
        Files.writeString(files.privateKey(), "-----BEGIN EC PRIVATE KEY-----\n");
        assertThatThrownBy(this::load).hasMessageContaining("relay.key").hasMessageContaining("PKCS#8");
        Files.delete(files.privateKey());
        assertThatThrownBy(this::load).hasMessage("%s does not exist", files.privateKey());
    }

    private Certificates load() throws InvalidCertificateException {
        return new Certificates(config(List.of()));
    }

    private TlsConfig config(List<NamedCertificate> named) {
        return new TlsConfig(Optional.of(pair(files)), named, TlsProvider.AUTO, Duration.ofSeconds(10),
                Duration.ofSeconds(10), 10, 10);
    }

    private static CertificateFiles pair(PemFiles files) {
        return new CertificateFiles(files.certificate(), files.privateKey());
    }

    private record Recorder(List<String> told, String name, Predicate<TlsMaterial> refuses)
            implements
                CertificateUser {
        @Override
        public void prepare(TlsMaterial material) {
            if (refuses.test(material)) {
                told.add(name + " refuses");
                throw new IllegalStateException("no");
            }
            told.add(name + " prepares");
        }

        @Override
        public void retire(TlsMaterial material) {
            told.add(name + " retires");
        }
    }
}
