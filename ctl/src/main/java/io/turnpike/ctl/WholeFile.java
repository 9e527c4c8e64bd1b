package io.turnpike.ctl;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes what a server sends to a file that is there when all of it has come, and not before. */
final class WholeFile {

    private static final int BUFFER_BYTES = 64 * 1024;

    private WholeFile() {}

    /**
     * Writes a body until its end.
     *
     * @return its bytes
     * @throws ApiException
     *             if it is cut off, or cannot be written; the file is as it was before
     */
    static long write(InputStream body, Path file) {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            try (OutputStream kept = Files.newOutputStream(part)) {
                copy(body, kept);
            }
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
            return Files.size(file);
        } catch (IOException e) {
            throw new ApiException(ExitCode.USAGE, "cannot write " + file + ": " + e);
        } finally {
            part.toFile().delete();
        }
    }

    private static void copy(InputStream body, OutputStream kept) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int length = read(body, buffer); length >= 0; length = read(body, buffer)) {
            kept.write(buffer, 0, length);
        }
    }

    private static int read(InputStream body, byte[] buffer) {
        try {
            return body.read(buffer);
        } catch (IOException e) {
            throw new ApiException(ExitCode.UNAVAILABLE,
                    "the transfer was cut off, and nothing of it is kept: " + e.getMessage());
        }
    }
}
