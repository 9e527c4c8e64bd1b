package io.turnpike.node.config;

/** How a quota is enforced. */
public enum QuotaMode {
    OFF, SHADOW, SOFT, HARD
}
