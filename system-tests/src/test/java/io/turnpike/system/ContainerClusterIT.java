package io.turnpike.system;

import org.junit.jupiter.api.Test;

class ContainerClusterIT {
    @Test
    void apiShowsWhatTheEndsOfTheCallsCountedInContainers() throws Exception {
        ContainerEngine.imagesOrSkip("ContainerClusterIT");
        try (TurnpikeCluster cluster = ContainerCluster.start(2)) {
            UsageGuarantee.holds(cluster);
        }
    }
}
