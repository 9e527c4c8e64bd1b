package io.turnpike.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReferenceConfTest {
    @Test
    void namesUnitEnvironmentAndReloadOfEveryKey() {
        for (ConfigurationPage.Entry entry : ConfigurationPage.entries(ConfigReader.reference())) {
            assertThat(entry.environment()).as(entry.key()).isEqualTo(KnownKeys.environmentName(entry.key()));
            assertThat(entry.meaning()).as(entry.key()).endsWith(".");
        }
    }

    @Test
    void givesNoTwoKeysTheSameEnvironmentName() {
        assertThat(ConfigurationPage.entries(ConfigReader.reference())).extracting(ConfigurationPage.Entry::environment)
                .doesNotHaveDuplicates();
    }

    /** If this fails, run the main method of ConfigurationPage in the repository's root. */
    @Test
    void isWhatTheConfigurationPageSays() throws IOException {
        String page = Files.readString(Path.of("..").resolve(ConfigurationPage.FILE));

        assertThat(ConfigurationPage.partOf(page)).isEqualTo(ConfigurationPage.render(ConfigReader.reference()));
    }
}
