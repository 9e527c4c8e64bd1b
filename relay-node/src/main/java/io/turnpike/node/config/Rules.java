package io.turnpike.node.config;

import io.netty.util.NetUtil;
import io.turnpike.contract.TenantName;
import java.time.Duration;
import java.util.Base64;

/** The checks that configuration records share; each names the key that it refuses. */
final class Rules {
    private Rules() {}

    static void require(boolean valid, String key, String message) {
        if (!valid) {
            throw new InvalidConfigException(key + ' ' + message);
        }
    }

    static void range(String key, int value, int least, int most) {
        require(value >= least && value <= most, key,
                "must be between " + least + " and " + most + ", not " + value);
    }

    static void notNegative(String key, Duration value) {
        require(!value.isNegative(), key, "must not be negative");
    }

    static void between(String key, Duration value, Duration least, Duration most) {
        require(value.compareTo(least) >= 0 && value.compareTo(most) <= 0, key,
                "must be between " + text(least) + " and " + text(most) + ", not " + text(value));
    }

    static void tenantId(String key, String id) {
        require(TenantName.isTenantId(id), key,
                "must be a tenant id (1 to 63 lower-case letters, digits and hyphens), not " + id);
    }

    static void userId(String key, String id) {
        require(TenantName.isUserId(id), key, "must be 1 to 128 bytes without control characters");
    }

    static void ipAddress(String key, String address) {
        require(NetUtil.isValidIpV4Address(address) || NetUtil.isValidIpV6Address(address), key,
                "must be an IP address, not " + address);
    }

    static boolean isWildcard(String address) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
        for (byte each : bytes) {
            if (each != 0) {
                return false;
            }
        }
        return true;
    }

    static void ipv4(String key, String address) {
        require(NetUtil.isValidIpV4Address(address), key, "must be an IPv4 address, not " + address);
    }

    static void ipv6(String key, String address) {
        require(NetUtil.isValidIpV6Address(address), key, "must be an IPv6 address, not " + address);
    }

    static void base64Key(String key, SecretText text, int least, int most) {
        int bytes = decodedLength(text);
        String size = least == most ? least + " bytes" : "at least " + least + " bytes";
        require(bytes >= least && bytes <= most, key, "must be " + size + " in base64");
    }

    static void aesKey(String key, SecretText text) {
        int bytes = decodedLength(text);
        require(bytes == 16 || bytes == 32, key, "must be 16 or 32 bytes in base64");
    }

    private static int decodedLength(SecretText text) {
        try {
            return Base64.getDecoder().decode(text.reveal()).length;
        } catch (IllegalArgumentException e) {
            return -1;
        }
    }

    private static String text(Duration duration) {
        return duration.toMillis() % 1_000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }
}
