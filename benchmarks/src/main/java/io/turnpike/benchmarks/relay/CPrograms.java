package io.turnpike.benchmarks.relay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The benchmark's programs in C, built on the machine that they measure. */
final class CPrograms {
    private static final String PACKAGES = "on Debian or Ubuntu: sudo apt-get install gcc libc6-dev libssl-dev";

    private CPrograms() {}

    /**
     * Builds a program, unless it is newer than its sources.
     *
     * @param home of the project
     * @param folder of its sources below the others'; may be empty
     * @param name of the program
     * @param libraries that it is linked with, as options of the compiler
     * @throws IOException if there is no C compiler, or it fails
     */
    static Path build(Path home, String folder, String name, String... libraries)
            throws IOException, InterruptedException {
        Path program = home.resolve("benchmarks/target").resolve(name);
        List<Path> files;
        try (Stream<Path> all = Files.list(home.resolve("benchmarks/src/main/c").resolve(folder))) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        if (isStale(program, files)) {
            Files.createDirectories(program.getParent());
            List<String> command = new ArrayList<>(
                    List.of("cc", "-O2", "-std=gnu11", "-Wall", "-Wextra", "-o", program.toString()));
            files.stream().map(Path::toString).filter(file -> file.endsWith(".c")).forEach(command::add);
            command.addAll(List.of(libraries));
            if (compile(command) != 0) {
                throw new IOException(
                        name + " cannot be built; it needs a C compiler and OpenSSL's headers, " + PACKAGES);
            }
        }
        return program;
    }

    private static boolean isStale(Path program, List<Path> sources) throws IOException {
        if (!Files.exists(program)) {
            return true;
        }
        for (Path source : sources) {
            if (Files.getLastModifiedTime(source).compareTo(Files.getLastModifiedTime(program)) > 0) {
                return true;
            }
        }
        return false;
    }

    private static int compile(List<String> command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (IOException e) {
            throw new IOException("the benchmark has programs in C and there is no cc, " + PACKAGES, e);
        }
    }
}
