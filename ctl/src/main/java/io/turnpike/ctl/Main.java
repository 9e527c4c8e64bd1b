package io.turnpike.ctl;

/** The program {@code turnpike ctl}. */
public final class Main {

    private Main() {}

    public static void main(String... args) {
        System.exit(Ctl.run(args));
    }
}
