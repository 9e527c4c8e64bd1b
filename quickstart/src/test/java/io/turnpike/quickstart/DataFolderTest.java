package io.turnpike.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnpike.contract.SecretSeal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    @TempDir
    Path parent;

    @Test
    void keepsItsKeyForItsOwnerOnly() throws IOException {
        Path root = parent.resolve("state");
        String key;
        try (DataFolder folder = DataFolder.open(root)) {
            key = folder.key("cluster");
            assertThat(SecretSeal.withKey(key)).isNotNull();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("cluster.key"))))
                    .isEqualTo("rw-------");
        }
        try (DataFolder folder = DataFolder.open(root)) {
            assertThat(folder.key("cluster")).isEqualTo(key);
            assertThat(folder.key("another")).isNotEqualTo(key);
        }
    }

    @Test
    void isHeldByOneQuickstartAtATime() throws IOException {
        DataFolder folder = DataFolder.open(parent);
        assertThatThrownBy(() -> DataFolder.open(parent)).isInstanceOf(IOException.class)
                .hasMessageContaining("--data");
        assertThat(DataFolder.isTaken(parent)).isTrue();
        folder.close();
        assertThat(DataFolder.isTaken(parent)).isFalse();
        DataFolder.open(parent).close();
    }

    @Test
    void isNobodysWhileItDoesNotExist() {
        assertThat(DataFolder.isTaken(parent.resolve("none"))).isFalse();
        assertThat(parent.resolve("none")).doesNotExist();
    }

    @Test
    void remembersWhatHappensOnce() throws IOException {
        try (DataFolder folder = DataFolder.open(parent)) {
            assertThat(folder.isDone("demo-tenant")).isFalse();
            folder.done("demo-tenant");
            assertThat(folder.isDone("demo-tenant")).isTrue();
        }
    }
}
