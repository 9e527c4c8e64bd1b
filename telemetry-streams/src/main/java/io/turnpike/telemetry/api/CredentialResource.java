package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpStatus;
import io.turnpike.contract.SecretSeal;
import io.turnpike.contract.TenantName;
import io.turnpike.contract.TurnUsername;
import io.turnpike.control.v1.RevokeCredential;
import io.turnpike.control.v1.TenantSecret;
import io.turnpike.control.v1.TenantStatus;
import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.Tenant;
import io.turnpike.telemetry.query.TenantQueries;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * Mints TURN REST credentials in the shape of WebRTC's {@code iceServers}, and revokes them. They are a name, an expiry and
 * an HMAC; nothing is stored but a user's last revocation.
 */
final class CredentialResource {
    private static final int DEFAULT_TTL_SECONDS = 3_600;
    private static final int MIN_TTL_SECONDS = 30;
    private static final int MAX_TTL_SECONDS = 604_800;

    private final TenantQueries tenants;
    private final KnownTenants known;
    private final SecretSeal seal;
    private final Commands commands;
    private final List<String> iceUrls;

    CredentialResource(TenantQueries tenants, KnownTenants known, Commands commands, SecretSeal seal,
            List<String> iceUrls) {
        this.tenants = tenants;
        this.known = known;
        this.commands = commands;
        this.seal = seal;
        this.iceUrls = iceUrls;
    }

    Reply mint(Call call) {
        Body body = Body.parse(call.body(), "user", "ttlSeconds");
        String user = body.requiredText("user", TenantName.MAX_USER_BYTES);
        if (!TenantName.isUserId(user)) {
            throw body.problem("user",
                    "1 to " + TenantName.MAX_USER_BYTES + " bytes of UTF-8 without control characters");
        }
        int ttl = body.whole("ttlSeconds", MIN_TTL_SECONDS, MAX_TTL_SECONDS).orElse(DEFAULT_TTL_SECONDS);
        Answer<Tenant> tenant = known.require(call.tenant());
        if (tenant.value().status() != TenantStatus.ACTIVE) {
            throw Problem.of(Problem.Kind.CONFLICT, "the tenant is " + tenant.value().status());
        }
        if (iceUrls.isEmpty()) {
            throw Problem.of(Problem.Kind.CONFLICT, "the server knows no ICE URLs: set credentials.urls");
        }
        Answer<List<TenantSecret>> secrets = tenants.sealedSecrets(call.tenant());
        TenantSecret secret = secrets.value().stream().findFirst().orElseThrow(
                () -> Problem.of(Problem.Kind.CONFLICT, "the tenant has no secret: PUT it with secrets"));
        Instant expiresAt = call.now().truncatedTo(ChronoUnit.SECONDS).plusSeconds(ttl);
        Answer<Optional<Instant>> revokedAt = tenants.revokedAt(call.tenant(), user);
        String username = revokedAt.value()
                .map(revoked -> TurnUsername.rest(expiresAt, issuedAfter(revoked, call.now()), call.tenant(), user))
                .orElseGet(() -> TurnUsername.rest(expiresAt, call.tenant(), user));
        ObjectNode answer = Json.object();
        ObjectNode server = answer.putArray("iceServers").addObject();
        ArrayNode urls = server.putArray("urls");
        iceUrls.forEach(urls::add);
        server.put("username", username).put("credential",
                TurnUsername.restPassword(hmac(secret), open(call.tenant(), secret), username));
        answer.put("expiresAt", Json.time(expiresAt));
        return Reply.json(HttpStatus.OK, Json.fresh(answer,
                tenant.freshness().and(secrets.freshness()).and(revokedAt.freshness())));
    }

    /** Revokes what was issued to a user so far, and ends what lives under it. */
    Reply revoke(Call call) {
        commands.apply(call, new RevokeCredential(call.user()));
        return Reply.noContent();
    }

    /** Relays take what was issued in a later second than the revocation, whichever of the two clocks is ahead. */
    private static Instant issuedAfter(Instant revokedAt, Instant now) {
        Instant first = revokedAt.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
        return now.isAfter(first) ? now : first;
    }

    private static String hmac(TenantSecret secret) {
        return switch (secret.getAlgorithm()) {
            case HMAC_SHA1 -> "HmacSHA1";
            case HMAC_SHA256 -> "HmacSHA256";
            case UNKNOWN -> throw Problem.of(Problem.Kind.CONFLICT, "the algorithm of secret " + secret.getId()
                    + " is newer than this program");
        };
    }

    private byte[] open(String tenant, TenantSecret secret) {
        ByteBuffer sealed = secret.getSealed().duplicate();
        byte[] bytes = new byte[sealed.remaining()];
        sealed.get(bytes);
        return seal.open(SecretSeal.tenantSecretContext(tenant, secret.getId()), bytes)
                .orElseThrow(() -> Problem.of(Problem.Kind.CONFLICT,
                        "secret " + secret.getId() + " was sealed with another cluster key"));
    }
}
