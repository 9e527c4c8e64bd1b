package io.turnpike.node.config;

/** Which channel numbers clients may bind: 0x4000-0x4FFF, or up to 0x7FFF for old clients. */
public enum ChannelNumbers {
    RFC8656, RFC5766
}
