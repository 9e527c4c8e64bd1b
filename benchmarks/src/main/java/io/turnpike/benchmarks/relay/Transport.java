package io.turnpike.benchmarks.relay;

/** How clients reach the server; the relay's other side is UDP. */
enum Transport {
    /** Datagrams. */
    UDP("udp"),
    /** A stream. */
    TCP("tcp"),
    /** TLS above a stream, as old as coturn's. */
    TLS12("tls1.2"),
    /** TLS above a stream. */
    TLS13("tls1.3");

    private final String option;

    Transport(String option) {
        this.option = option;
    }

    /** As the generator calls it. */
    String option() {
        return option;
    }

    boolean isTls() {
        return this == TLS12 || this == TLS13;
    }
}
