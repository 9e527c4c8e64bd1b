package io.turnpike.telemetry.api;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ApiLayeringTest {
    private static final JavaClasses TELEMETRY = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("io.turnpike.telemetry");

    /** The one class that knows what the HTTP server runs on. */
    private static final String LOOPS = "io.turnpike.telemetry.api.PromptLoops";

    @Test
    void theApiKnowsNoKafkaAndOnlyTheQueriesOfTelemetry() {
        classes().that().resideInAPackage("io.turnpike.telemetry.api..").and().doNotHaveFullyQualifiedName(LOOPS)
                .should().onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "javax.crypto..", "io.turnpike.telemetry.api..",
                        "io.turnpike.telemetry.query..", "io.turnpike.contract..", "io.turnpike.control.v1..",
                        "io.turnpike.events.v1..", "com.linecorp.armeria..", "com.fasterxml.jackson..",
                        "io.micrometer.core..", "org.slf4j..", "io.netty.util..")
                .check(TELEMETRY);
        noClasses().that().resideInAPackage("io.turnpike.telemetry.api..").should().dependOnClassesThat()
                .resideInAPackage("org.apache.kafka..").check(TELEMETRY);
    }

    @Test
    void theLoopsKnowOnlyTheServerAndNetty() {
        classes().that().haveFullyQualifiedName(LOOPS).should().onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "com.linecorp.armeria..", "io.netty..").check(TELEMETRY);
    }

    @Test
    void theQueriesDoNotKnowTheApi() {
        noClasses().that().resideInAnyPackage("io.turnpike.telemetry.query..", "io.turnpike.telemetry.ledger..",
                "io.turnpike.telemetry.topology..", "io.turnpike.telemetry.store..").should().dependOnClassesThat()
                .resideInAPackage("io.turnpike.telemetry.api..").check(TELEMETRY);
    }

    @Test
    void webhooksKnowTheAuditsAndTheDoorForWritesAndNothingOfTheStream() {
        classes().that().resideInAPackage("io.turnpike.telemetry.webhook..").should().onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "javax.crypto..", "io.turnpike.telemetry.webhook..",
                        "io.turnpike.telemetry.query..", "io.turnpike.contract..", "io.turnpike.control.v1..",
                        "com.linecorp.armeria..", "com.fasterxml.jackson..", "io.micrometer.core..", "io.netty..",
                        "org.apache.avro.specific..", "org.apache.kafka.clients..", "org.apache.kafka.common..",
                        "org.slf4j..")
                .check(TELEMETRY);
        noClasses().that().resideInAnyPackage("io.turnpike.telemetry.api..", "io.turnpike.telemetry.query..",
                "io.turnpike.telemetry.ledger..", "io.turnpike.telemetry.topology..").should().dependOnClassesThat()
                .resideInAPackage("io.turnpike.telemetry.webhook..").check(TELEMETRY);
    }
}
