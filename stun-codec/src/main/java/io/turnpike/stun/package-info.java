/**
 * Turns bytes into STUN and TURN messages and back: RFC 8489, RFC 8656 and the ChannelData framing.
 *
 * <p>
 * Reading order: {@link io.turnpike.stun.PacketKind} (what is it), {@link io.turnpike.stun.StreamFramer} (where does it
 * end, on TCP), {@link io.turnpike.stun.StunFrame} and {@link io.turnpike.stun.ChannelData} (read in place),
 * {@link io.turnpike.stun.StunAttribute} (the values), {@link io.turnpike.stun.StunMessageBuilder} (write). Decoding
 * keeps no state between messages and never throws, whatever the bytes: what is wrong with them is a value,
 * {@link io.turnpike.stun.Malformed}.
 */
package io.turnpike.stun;
