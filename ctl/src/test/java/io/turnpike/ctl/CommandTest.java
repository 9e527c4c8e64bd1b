package io.turnpike.ctl;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A test of commands, which are run as from a shell against an API that answers what the test says. */
abstract class CommandTest {

    final StringWriter out = new StringWriter();
    final StringWriter err = new StringWriter();
    FakeApi api;

    @BeforeEach
    void startApi() throws IOException {
        api = new FakeApi();
    }

    @AfterEach
    void stopApi() {
        api.close();
    }

    int ctl(String... args) {
        Stream<String> url = Arrays.asList(args).contains("--url") || args.length < 2 && !"usage".equals(args[0])
                ? Stream.empty()
                : Stream.of("--url", api.url());
        String[] all = Stream.concat(Arrays.stream(args).filter(arg -> !arg.isEmpty()), url).toArray(String[]::new);
        return Ctl.run(new PrintWriter(out, true), new PrintWriter(err, true), all);
    }
}
