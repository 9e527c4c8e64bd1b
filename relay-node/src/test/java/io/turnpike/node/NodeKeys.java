package io.turnpike.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.turnpike.testing.TestAuthority;
import java.nio.file.Path;

/** What the configurations of whole nodes in these tests have in common. */
final class NodeKeys {
    private NodeKeys() {}

    /** A node without Kafka, with one user and no quota, and the admin port that the system chooses. */
    static Config standalone(Path dataDir, String engine) {
        return ConfigFactory.parseString("""
                node { id = n1, data-dir = "%s" }
                transport = %s
                default-tenant = demo
                kafka.enabled = false
                quota.default.mode = OFF
                auth.users = [{ tenant = demo, user = al, password = secret }]
                admin { host = "127.0.0.1", port = 0 }
                """.formatted(dataDir, engine));
    }

    static Config tls(TestAuthority.PemFiles certificate) {
        return ConfigFactory.parseString("""
                tls { certificate = "%s", private-key = "%s" }
                """.formatted(certificate.certificate(), certificate.privateKey()));
    }
}
