package io.turnpike.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportCommandTest extends CommandTest {

    @Test
    void writesAnExportToAFile(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("2026-11.csv");
        api.on("GET /v1/usage/export?period=2026-11&tenant=acme", 200, "tenant,user\r\nacme,ä\r\n");

        assertThat(ctl("export", "--period", "2026-11", "--tenant", "acme", "--output", file.toString())).isZero();
        assertThat(file).hasContent("tenant,user\r\nacme,ä\r\n");
        assertThat(out).hasToString("wrote " + file + ", 22 bytes\n");
    }

    @Test
    void keepsNothingOfAnExportThatIsCutOff(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("2026-11.csv"), "as it was");
        api.cutOff("GET /v1/usage/export?period=2026-11", "tenant,user\r\n");

        assertThat(ctl("export", "--period", "2026-11", "--output", file.toString())).isEqualTo(3);
        assertThat(err.toString()).contains("cut off");
        assertThat(directory.toFile().list()).containsExactly("2026-11.csv");
        assertThat(file).hasContent("as it was");

        api.on("GET /v1/usage/export?period=2026", 400, "{'title':'Bad','field':'period','detail':'is no month'}");
        assertThat(ctl("export", "--period", "2026", "--output", file.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("period is no month");
        assertThat(ctl("export", "--period", "2026-11", "--output", directory + "/none/x")).isEqualTo(2);
    }

    @Test
    void givesUpWhenTheServerFallsSilentInTheMiddle(@TempDir Path directory) {
        ApiClient impatient = new ApiClient(api.url(), null, Duration.ofMillis(200));
        api.silent("GET /v1/usage/export?period=2026-11", "tenant,user\r\n");
        assertThatThrownBy(() -> impatient.download(io.turnpike.ctl.Path.of("usage", "export").with("period",
                "2026-11"), directory.resolve("2026-11.csv"))).isInstanceOf(ApiException.class)
                .hasMessageContaining("nothing came");
        assertThatThrownBy(() -> impatient.get(io.turnpike.ctl.Path.of("usage", "export").with("period", "2026-11")))
                .isInstanceOf(ApiException.class).hasMessageContaining("nothing came");
        assertThat(directory.toFile().list()).isEmpty();
    }
}
