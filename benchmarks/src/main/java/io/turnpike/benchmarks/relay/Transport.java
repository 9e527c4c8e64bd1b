package io.turnpike.benchmarks.relay;

import java.util.Locale;

/** How clients reach the server; the relay's other side is UDP. */
enum Transport {
    /** Datagrams. */
    UDP,
    /** A stream. */
    TCP,
    /** TLS 1.3 above a stream. */
    TLS;

    /** As the generator calls it. */
    String option() {
        return name().toLowerCase(Locale.ROOT);
    }
}
