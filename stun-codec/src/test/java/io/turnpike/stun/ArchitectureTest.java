package io.turnpike.stun;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The codec knows bytes and nothing else. */
@AnalyzeClasses(packages = "io.turnpike.stun", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule KNOWS_ONLY_JAVA_AND_BUFFERS = classes().should().onlyDependOnClassesThat()
            .resideInAnyPackage("io.turnpike.stun", "java..", "javax.crypto..", "io.netty.buffer..", "io.netty.util..");

    @ArchTest
    static final ArchRule KEEPS_NO_STATIC_STATE = noFields().that().areStatic().should().notBeFinal();
}
