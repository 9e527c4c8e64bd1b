package io.turnpike.node;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;

/** The arrows of the relay: a package may know only what is listed for it; only the root knows all. */
@AnalyzeClasses(packages = "io.turnpike.node", importOptions = ImportOption.DoNotIncludeTests.class)
class LayeringTest {
    @ArchTest
    static final ArchRule arrows = layeredArchitecture().consideringOnlyDependenciesInLayers()
            .layer("root").definedBy("io.turnpike.node")
            .layer("transport").definedBy("io.turnpike.node.transport..")
            .layer("turn").definedBy("io.turnpike.node.turn..")
            .layer("relay").definedBy("io.turnpike.node.relay..")
            .layer("auth").definedBy("io.turnpike.node.auth..")
            .layer("allocation").definedBy("io.turnpike.node.allocation..")
            .layer("usage").definedBy("io.turnpike.node.usage..")
            .layer("quota").definedBy("io.turnpike.node.quota..")
            .layer("event").definedBy("io.turnpike.node.event..")
            .layer("kafka").definedBy("io.turnpike.node.kafka..")
            .layer("config").definedBy("io.turnpike.node.config..")
            .layer("ops").definedBy("io.turnpike.node.ops..")
            .whereLayer("root").mayNotBeAccessedByAnyLayer()
            .whereLayer("transport").mayOnlyBeAccessedByLayers("root")
            .whereLayer("kafka").mayOnlyBeAccessedByLayers("root")
            .whereLayer("ops").mayOnlyBeAccessedByLayers("root")
            .whereLayer("turn").mayOnlyBeAccessedByLayers("root", "transport")
            .whereLayer("relay").mayOnlyBeAccessedByLayers("root", "transport")
            .whereLayer("auth").mayOnlyBeAccessedByLayers("root", "turn", "kafka")
            .whereLayer("quota").mayOnlyBeAccessedByLayers("root", "turn", "relay", "allocation", "kafka")
            .whereLayer("allocation").mayOnlyBeAccessedByLayers("root", "transport", "turn", "relay")
            // Drop reasons live with the counters, so those who drop see them; rates of tokens bound a trickle too.
            .whereLayer("usage").mayOnlyBeAccessedByLayers("root", "transport", "turn", "relay", "allocation", "quota");

    @ArchTest
    static final ArchRule noCycles = SlicesRuleDefinition.slices().matching("io.turnpike.node.(*)..").should()
            .beFreeOfCycles();

    @ArchTest
    static final ArchRule onlyKafkaKnowsKafka = noClasses().that().resideOutsideOfPackage("io.turnpike.node.kafka..")
            .should().dependOnClassesThat()
            .resideInAnyPackage("org.apache.kafka..", "org.apache.avro..", "io.turnpike.events..",
                    "io.turnpike.control..");

    @ArchTest
    static final ArchRule logicSeesNoChannel = noClasses().that()
            .resideInAnyPackage("io.turnpike.node.turn..", "io.turnpike.node.relay..", "io.turnpike.node.allocation..",
                    "io.turnpike.node.usage..", "io.turnpike.node.quota..", "io.turnpike.node.event..",
                    "io.turnpike.node.auth..")
            .should().dependOnClassesThat().resideInAnyPackage("io.netty.channel..", "io.netty.bootstrap..");

    @ArchTest
    static final ArchRule eventsAndSettingsAreLeaves = noClasses().that()
            .resideInAnyPackage("io.turnpike.node.event..", "io.turnpike.node.config..").should().dependOnClassesThat()
            .resideInAnyPackage("io.turnpike.node.transport..", "io.turnpike.node.turn..", "io.turnpike.node.relay..",
                    "io.turnpike.node.allocation..", "io.turnpike.node.usage..", "io.turnpike.node.quota..",
                    "io.turnpike.node.kafka..", "io.turnpike.node.ops..");
}
