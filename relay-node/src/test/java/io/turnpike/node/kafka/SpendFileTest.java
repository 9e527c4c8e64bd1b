package io.turnpike.node.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.quota.SpendLog.Claim;
import io.turnpike.node.quota.SpendLog.GraceUse;
import io.turnpike.node.quota.SpendLog.Outcome;
import io.turnpike.node.quota.SpendLog.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The spend log on a real disk: what is not surely of the last process is not believed. */
class SpendFileTest {
    private static final Page PAGE = new Page(
            List.of(new Claim(5, -6, "acme", "", "2026-11", 7, 8, 9_000, 100),
                    new Claim(4, 3, "acme", "al", "2026-11-22", 0, 0, 0, 0)),
            List.of(new GraceUse("acme", "2026-11", Instant.parse("2026-12-01T00:00:00Z"), 65_536)),
            Instant.parse("2026-10-31T12:00:00Z"));

    @TempDir
    private Path dir;

    private Path file() {
        return dir.resolve("quota.spend");
    }

    private Outcome write(Page page) throws Exception {
        try (SpendFile file = SpendFile.open(dir, "r1", false)) {
            CompletableFuture<Outcome> outcome = new CompletableFuture<>();
            file.write(page, outcome::complete);
            return outcome.get(30, TimeUnit.SECONDS);
        }
    }

    private static java.util.Optional<Page> inherited(Path dir, String nodeId, boolean isFirst) {
        try (SpendFile file = SpendFile.open(dir, nodeId, isFirst)) {
            return file.inherited();
        }
    }

    @Test
    void theNextProcessReadsWhatWasWrittenLast() throws Exception {
        assertThat(write(Page.EMPTY)).isEqualTo(Outcome.WRITTEN);
        assertThat(write(PAGE)).isEqualTo(Outcome.WRITTEN);
        assertThat(inherited(dir, "r1", false)).contains(PAGE);
    }

    @Test
    void theFirstProcessOfADirectoryInheritsNothingAndAnyOtherMustFindAFile() {
        assertThat(inherited(dir, "r1", true)).contains(Page.EMPTY);
        assertThat(inherited(dir, "r1", false)).isEmpty();
    }

    @Test
    void aTornOrDamagedFileIsNotBelieved() throws Exception {
        write(PAGE);
        byte[] good = Files.readAllBytes(file());
        Random random = new Random(1);
        for (int i = 0; i < 300; i++) {
            byte[] bad = good.clone();
            int at = random.nextInt(bad.length);
            bad[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file(), bad);
            assertThat(inherited(dir, "r1", false)).as("bit of byte %d", at).isEmpty();
        }
        for (int length = 0; length < good.length; length++) {
            Files.write(file(), java.util.Arrays.copyOf(good, length));
            assertThat(inherited(dir, "r1", false)).as("%d bytes", length).isEmpty();
        }
        Files.write(file(), good);
        assertThat(inherited(dir, "r1", false)).as("written in place, it is itself again").contains(PAGE);
    }

    @Test
    void aCopyOfTheFolderAndAFileThatABackupBroughtBackAreNotBelieved(@TempDir Path other) throws Exception {
        write(PAGE);
        Files.copy(file(), other.resolve("quota.spend"));
        assertThat(inherited(other, "r1", false)).isEmpty();
        Path backup = dir.resolve("backup");
        Files.copy(file(), backup);
        write(Page.EMPTY);
        Files.move(backup, file(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThat(inherited(dir, "r1", false)).isEmpty();
    }

    @Test
    void anotherNodesFileIsNotBelieved() throws Exception {
        write(PAGE);
        assertThat(inherited(dir, "r2", false)).isEmpty();
    }

    @Test
    void aDiskThatTakesNoNewPageKeepsNoOldOne() throws Exception {
        write(PAGE);
        Files.createDirectory(dir.resolve("quota.spend.new")); // as good as a full disk: it cannot be written
        assertThat(write(Page.EMPTY)).isEqualTo(Outcome.NOTHING_KEPT);
        assertThat(file()).doesNotExist();
        assertThat(inherited(dir, "r1", false)).isEmpty();
        Files.delete(dir.resolve("quota.spend.new"));
        assertThat(write(PAGE)).isEqualTo(Outcome.WRITTEN);
        assertThat(inherited(dir, "r1", false)).contains(PAGE);
    }

    @Test
    void aDirectoryThatIsGoneFails() throws Exception {
        write(PAGE);
        try (SpendFile open = SpendFile.open(dir, "r1", false)) {
            Files.delete(file());
            Files.delete(dir);
            CompletableFuture<Outcome> outcome = new CompletableFuture<>();
            open.write(PAGE, outcome::complete);
            assertThat(outcome.get(30, TimeUnit.SECONDS)).isEqualTo(Outcome.FAILED);
        } finally {
            Files.createDirectories(dir);
        }
    }

    @Test
    void aClosedLogWritesNothing() throws IOException {
        SpendFile file = SpendFile.open(dir, "r1", true);
        file.close();
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        file.write(PAGE, outcome::complete);
        assertThat(outcome).isCompletedWithValue(Outcome.FAILED);
        assertThat(file()).doesNotExist();
    }
}
