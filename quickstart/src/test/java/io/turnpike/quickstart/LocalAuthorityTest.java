package io.turnpike.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalAuthorityTest {
    private static final Instant NOW = Instant.parse("2026-11-22T00:00:00Z");

    @TempDir
    private Path folder;

    @Test
    void certifiesTheRelaysForLoopback() throws Exception {
        LocalAuthority authority = openAt(NOW);

        X509Certificate relay = relay();
        relay.verify(read(authority.certificate()).getPublicKey());
        assertThat(relay.getSubjectAlternativeNames()).extracting(name -> (String) name.get(1))
                .containsExactlyInAnyOrder(
                        "localhost", "127.0.0.1", "127.0.0.2", "0:0:0:0:0:0:0:1");
        assertThat(relay.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(relay.getBasicConstraints()).isEqualTo(-1);
        assertThat(read(authority.certificate()).getBasicConstraints()).isZero();
    }

    @Test
    void keepsItsCertificatesOverRestarts() throws Exception {
        X509Certificate authority = read(openAt(NOW).certificate());
        X509Certificate relay = relay();

        openAt(NOW.plus(Duration.ofDays(59)));

        assertThat(read(folder.resolve("ca.pem"))).isEqualTo(authority);
        assertThat(relay()).isEqualTo(relay);
    }

    @Test
    void renewsTheRelaysCertificateUnderTheSameAuthority() throws Exception {
        X509Certificate authority = read(openAt(NOW).certificate());
        X509Certificate relay = relay();

        openAt(NOW.plus(Duration.ofDays(61)));

        assertThat(read(folder.resolve("ca.pem"))).isEqualTo(authority);
        assertThat(relay()).isNotEqualTo(relay);
        relay().verify(authority.getPublicKey());
    }

    @Test
    void beginsAnewWhenTheAuthorityIsAboutToEnd() throws Exception {
        X509Certificate authority = read(openAt(NOW).certificate());

        openAt(NOW.plus(LocalAuthority.AUTHORITY_LIFETIME).minus(Duration.ofDays(1)));

        X509Certificate next = read(folder.resolve("ca.pem"));
        assertThat(next.getSubjectX500Principal()).isNotEqualTo(authority.getSubjectX500Principal());
        relay().verify(next.getPublicKey());
    }

    @Test
    void letsOnlyTheOwnerReadTheKeys() throws Exception {
        openAt(NOW);

        for (String key : List.of("ca.key", "relay.key")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(key))))
                    .isEqualTo("rw-------");
        }
    }

    private LocalAuthority openAt(Instant now) throws Exception {
        return LocalAuthority.open(folder, Clock.fixed(now, ZoneOffset.UTC));
    }

    private X509Certificate relay() throws Exception {
        return read(folder.resolve("relay.pem"));
    }

    private static X509Certificate read(Path file) throws Exception {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }
}
