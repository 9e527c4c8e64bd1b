package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpStatus;
import io.turnpike.contract.AddressBlockText;
import io.turnpike.contract.SecretSeal;
import io.turnpike.contract.TenantName;
import io.turnpike.control.v1.AccessTokenKey;
import io.turnpike.control.v1.BillableRule;
import io.turnpike.control.v1.ChannelNumbers;
import io.turnpike.control.v1.CredentialExpiry;
import io.turnpike.control.v1.DeleteTenant;
import io.turnpike.control.v1.PutTenant;
import io.turnpike.control.v1.SecretAlgorithm;
import io.turnpike.control.v1.TenantSecret;
import io.turnpike.control.v1.TenantStatus;
import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.CommandOutcome;
import io.turnpike.telemetry.query.Tenant;
import io.turnpike.telemetry.query.TenantPage;
import io.turnpike.telemetry.query.TenantQueries;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Tenants. Secrets come in, are sealed here, and never go out. */
final class TenantResource {
    private static final int MAX_SECRETS = 8;
    private static final int MAX_SECRET_LENGTH = 512;
    private static final int MAX_LIST = 64;
    private static final EnumSet<CredentialExpiry> EXPIRY_RULES = EnumSet.of(CredentialExpiry.ALLOCATE,
            CredentialExpiry.REFRESH, CredentialExpiry.HARD_CUT);
    private static final int MAX_NAME_LENGTH = 128;
    private static final Pattern SECRET_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private final TenantQueries tenants;
    private final KnownTenants known;
    private final Commands commands;
    private final SecretSeal seal;

    TenantResource(TenantQueries tenants, KnownTenants known, Commands commands, SecretSeal seal) {
        this.tenants = tenants;
        this.known = known;
        this.commands = commands;
        this.seal = seal;
    }

    /** All tenants that the caller may see. */
    Reply list(Call call) {
        Optional<String> after = call.cursor().map(place -> place.text("id"));
        Answer<TenantPage> answer = call.caller().tenantId()
                .map(own -> tenants.tenant(own)
                        .map(tenant -> new TenantPage(tenant.stream().toList(), Optional.empty())))
                .orElseGet(() -> tenants.tenants(call.limit(), after));
        ObjectNode body = Json.object();
        ArrayNode list = body.putArray("tenants");
        answer.value().tenants().forEach(tenant -> list.add(tenant(tenant)));
        body.put("nextCursor",
                answer.value().next().map(id -> call.cursors().write(Json.object().put("id", id))).orElse(null));
        return Reply.ok(body, answer.freshness());
    }

    Reply one(Call call) {
        Answer<Tenant> answer = known.require(call.tenant());
        return Reply.ok(tenant(answer.value()), answer.freshness()).etag(answer.value().version());
    }

    Reply put(Call call) {
        Body body = Body.parse(call.body(), "displayName", "status", "secrets", "channelNumbers", "billableRule",
                "credentialExpiry", "accessTokenKeys", "serverNames", "peerAllow", "peerDeny");
        PutTenant action = PutTenant.newBuilder()
                .setDisplayName(body.text("displayName", MAX_NAME_LENGTH).orElse(call.tenant()))
                .setStatus(body.oneOf("status", EnumSet.of(TenantStatus.ACTIVE, TenantStatus.SUSPENDED))
                        .orElse(TenantStatus.ACTIVE))
                .setSecrets(secrets(call.tenant(), body).orElse(null))
                .setChannelNumbers(
                        body.oneOf("channelNumbers", EnumSet.of(ChannelNumbers.RFC8656, ChannelNumbers.RFC5766))
                                .orElse(ChannelNumbers.RFC8656))
                .setBillableRule(
                        body.oneOf("billableRule", EnumSet.of(BillableRule.BOTH_DIRECTIONS, BillableRule.EGRESS_ONLY))
                                .orElse(BillableRule.BOTH_DIRECTIONS))
                .setCredentialExpiry(body.oneOf("credentialExpiry", EXPIRY_RULES).orElse(CredentialExpiry.ALLOCATE))
                .setAccessTokenKeys(accessTokenKeys(call.tenant(), body).orElse(null))
                .setServerNames(body.texts("serverNames", MAX_LIST, TenantName::isServerName,
                        "must be a lower-case host name such as turn.example.org"))
                .setPeerAllow(
                        body.texts("peerAllow", AddressBlockText.MOST, AddressBlockText::isBlock,
                                AddressBlockText.RULE))
                .setPeerDeny(
                        body.texts("peerDeny", AddressBlockText.MOST, AddressBlockText::isBlock, AddressBlockText.RULE))
                .build();
        CommandOutcome.Applied applied = commands.apply(call, action);
        Answer<Optional<Tenant>> stored = tenants.tenant(call.tenant());
        Tenant written = stored.value().filter(tenant -> tenant.version() >= applied.version())
                .orElseGet(() -> written(call, action, applied.version(), stored.value()));
        return Reply.json(applied.created() ? HttpStatus.CREATED : HttpStatus.OK,
                Json.fresh(tenant(written), stored.freshness())).etag(written.version());
    }

    /** Deletes a tenant; charges of the running period stay with the ledger. */
    Reply delete(Call call) {
        commands.apply(call, new DeleteTenant());
        return Reply.noContent();
    }

    private Optional<List<TenantSecret>> secrets(String tenant, Body body) {
        return body.objects("secrets", MAX_SECRETS, "id", "secret", "algorithm").map(entries -> {
            List<TenantSecret> secrets = new ArrayList<>();
            Set<String> ids = new HashSet<>();
            for (Body entry : entries) {
                String id = id(entry, ids);
                String secret = entry.requiredText("secret", MAX_SECRET_LENGTH);
                if (secret.isEmpty()) {
                    throw entry.problem("secret", "must not be empty");
                }
                byte[] sealed = seal.seal(SecretSeal.tenantSecretContext(tenant, id),
                        secret.getBytes(StandardCharsets.UTF_8));
                secrets.add(TenantSecret.newBuilder().setId(id)
                        .setAlgorithm(entry
                                .oneOf("algorithm", EnumSet.of(SecretAlgorithm.HMAC_SHA1, SecretAlgorithm.HMAC_SHA256))
                                .orElse(SecretAlgorithm.HMAC_SHA1))
                        .setSealed(ByteBuffer.wrap(sealed)).build());
            }
            return secrets;
        });
    }

    private Optional<List<AccessTokenKey>> accessTokenKeys(String tenant, Body body) {
        return body.objects("accessTokenKeys", MAX_SECRETS, "id", "key").map(entries -> {
            List<AccessTokenKey> keys = new ArrayList<>();
            Set<String> ids = new HashSet<>();
            for (Body entry : entries) {
                String id = id(entry, ids);
                byte[] sealed = seal.seal(SecretSeal.accessTokenKeyContext(tenant, id), key(entry));
                keys.add(AccessTokenKey.newBuilder().setId(id).setSealed(ByteBuffer.wrap(sealed)).build());
            }
            return keys;
        });
    }

    private static String id(Body entry, Set<String> ids) {
        String id = entry.requiredText("id", 64);
        if (!SECRET_ID.matcher(id).matches()) {
            throw entry.problem("id", "must match " + SECRET_ID.pattern());
        }
        if (!ids.add(id)) {
            throw entry.problem("id", "is given twice");
        }
        return id;
    }

    private static byte[] key(Body entry) {
        byte[] key;
        try {
            key = Base64.getDecoder().decode(entry.requiredText("key", MAX_SECRET_LENGTH));
        } catch (IllegalArgumentException e) {
            throw entry.problem("key", "must be 16 or 32 bytes in base64");
        }
        if (key.length != 16 && key.length != 32) {
            throw entry.problem("key", "must be 16 or 32 bytes in base64");
        }
        return key;
    }

    /** What was written, where the store does not show it yet. */
    private static Tenant written(Call call, PutTenant action, long version, Optional<Tenant> before) {
        List<String> secretIds = action.getSecrets() == null
                ? before.map(Tenant::secretIds).orElse(List.of())
                : action.getSecrets().stream().map(TenantSecret::getId).toList();
        List<String> keyIds = action.getAccessTokenKeys() == null
                ? before.map(Tenant::accessTokenKeyIds).orElse(List.of())
                : action.getAccessTokenKeys().stream().map(AccessTokenKey::getId).toList();
        return new Tenant(call.tenant(), version, action.getDisplayName(), action.getStatus(), secretIds,
                action.getChannelNumbers(), action.getBillableRule(), action.getCredentialExpiry(), keyIds,
                action.getServerNames(), action.getPeerAllow(), action.getPeerDeny(), call.now());
    }

    private static ObjectNode tenant(Tenant tenant) {
        ObjectNode node = Json.object().put("id", tenant.id()).put("displayName", tenant.displayName())
                .put("status", tenant.status().name());
        ArrayNode secrets = node.putArray("secrets");
        tenant.secretIds().forEach(id -> secrets.addObject().put("id", id));
        node.put("channelNumbers", tenant.channelNumbers().name()).put("billableRule", tenant.billableRule().name())
                .put("credentialExpiry", tenant.credentialExpiry().name());
        ArrayNode keys = node.putArray("accessTokenKeys");
        tenant.accessTokenKeyIds().forEach(id -> keys.addObject().put("id", id));
        tenant.serverNames().forEach(node.putArray("serverNames")::add);
        tenant.peerAllow().forEach(node.putArray("peerAllow")::add);
        tenant.peerDeny().forEach(node.putArray("peerDeny")::add);
        return node.put("version", tenant.version())
                .put("updatedAt", Json.time(tenant.updatedAt()));
    }
}
