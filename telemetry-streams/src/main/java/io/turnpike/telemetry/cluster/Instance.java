package io.turnpike.telemetry.cluster;

import org.apache.kafka.streams.state.HostInfo;

/**
 * An instance of the application, by where its API is reached from the others.
 *
 * @param host name or address
 * @param port port of the API
 */
public record Instance(String host, int port) {
    static Instance of(HostInfo info) {
        return new Instance(info.host(), info.port());
    }

    /** As it stands in Kafka Streams' {@code application.server} and in URIs. */
    public String authority() {
        return (host.contains(":") ? '[' + host + ']' : host) + ':' + port;
    }

    @Override
    public String toString() {
        return authority();
    }
}
