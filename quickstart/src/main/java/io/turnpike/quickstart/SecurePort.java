package io.turnpike.quickstart;

import java.nio.file.Path;

/**
 * Where a relay serves TLS, and as whom.
 *
 * @param port on every address of the relay; 0 takes a free one
 * @param certificate PEM file with the certificate
 * @param privateKey PEM file with its key
 */
public record SecurePort(int port, Path certificate, Path privateKey) {}
