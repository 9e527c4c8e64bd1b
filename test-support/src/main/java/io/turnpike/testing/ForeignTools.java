package io.turnpike.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Programs that nobody here wrote: continuous integration must have them, elsewhere a test without one says so. */
public final class ForeignTools {
    private ForeignTools() {}

    /** Fails where {@code CI} is set and the program is missing; elsewhere prints why and skips the test. */
    public static void require(String test, String debianPackage, Path program) {
        require(test, debianPackage, Files.exists(program));
    }

    /** The same for something that is found in another way. */
    public static void require(String test, String debianPackage, boolean isHere) {
        String reason = "Debian's " + debianPackage + " is not installed";
        if (!isHere) {
            System.out.println("SKIPPED " + test + ": " + reason);
        }
        assertThat(isHere || System.getenv("CI") == null).as("%s: %s, and continuous integration skips nothing", test,
                reason).isTrue();
        assumeTrue(isHere, reason);
    }
}
