package io.turnpike.telemetry.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoresTest {
    private static final Path ARCHITECTURE = Path.of("..", "ARCHITECTURE.md");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| ((?:`[a-z0-9-]+` ?)+)\\| (RocksDB|memory) \\|");
    private static final Pattern NAME = Pattern.compile("`([a-z0-9-]+)`");

    @Test
    void everyStoreOfTheTopologyIsDeclaredWithItsKindAndNoOther(@TempDir Path stateDir) throws IOException {
        Map<String, String> declared = new TreeMap<>();
        Matcher rows = ROW.matcher(Files.readString(ARCHITECTURE));
        while (rows.find()) {
            Matcher names = NAME.matcher(rows.group(1));
            while (names.find()) {
                assertThat(declared.put(names.group(1), rows.group(2))).as(names.group(1) + " once").isNull();
            }
        }
        Map<String, String> used = new TreeMap<>();
        try (StreamHarness stream = new StreamHarness(stateDir)) {
            stream.stores().forEach((name, store) -> used.put(name, store.persistent() ? "RocksDB" : "memory"));
        }
        assertThat(declared).isEqualTo(used);
    }
}
