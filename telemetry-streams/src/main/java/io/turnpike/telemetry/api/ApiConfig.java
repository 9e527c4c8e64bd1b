package io.turnpike.telemetry.api;

import io.turnpike.contract.SecretSeal;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Settings of the HTTP API.
 *
 * @param host address to listen on, such as {@code 127.0.0.1}
 * @param port port, 0 for any free one
 * @param tokens who may call
 * @param anonymousReadOnLoopback whether a caller on this machine may read everything without a token
 * @param iceUrls ICE URLs of minted credentials, such as {@code turn:relay.example:3478?transport=udp}
 * @param secretSeal seals the secrets of written tenants, opens them for minting
 * @param commandTimeout how long a write waits for the ledger's decision
 * @param webhookRefusal why a webhook's URL may not be used, empty if nothing speaks against it
 */
public record ApiConfig(String host, int port, List<ApiToken> tokens, boolean anonymousReadOnLoopback,
        List<String> iceUrls, SecretSeal secretSeal, Duration commandTimeout,
        Function<URI, Optional<String>> webhookRefusal) {
    public ApiConfig {
        tokens = List.copyOf(tokens);
        iceUrls = List.copyOf(iceUrls);
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("not a port: " + port);
        }
    }
}
