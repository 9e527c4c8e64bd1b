package io.turnpike.system;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsageIT {
    @TempDir
    Path dataDir;

    @Test
    void apiShowsWhatTheEndsOfTheCallsCounted() {
        try (TurnpikeCluster cluster = EmbeddedCluster.start(dataDir, 2)) {
            UsageGuarantee.holds(cluster);
        }
    }
}
