package io.turnpike.node.allocation;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.turnpike.stun.AddressMap;
import io.turnpike.stun.Endpoint;
import io.turnpike.stun.TransportAddress;
import java.net.InetSocketAddress;

/** The channels of one allocation, by number and by peer (RFC 8656 section 12). Confined to its event loop. */
final class Channels {
    private static final int LEAST_CAPACITY = 2;

    private final IntObjectMap<Channel> byNumber = new IntObjectHashMap<>(LEAST_CAPACITY);
    private final AddressMap<Channel> byPeer = new AddressMap<>();
    private final Allocation allocation;
    private final AllocationTable table;

    Channels(Allocation allocation, AllocationTable table) {
        this.allocation = allocation;
        this.table = table;
    }

    /** The channel of a number, or null if it is not bound now. */
    Channel of(int number) {
        return live(byNumber.get(number));
    }

    /** The channel of a peer, or null if none is bound now. */
    Channel of(Endpoint peer) {
        return live(byPeer.get(peer));
    }

    private Channel live(Channel channel) {
        return channel != null && channel.isLive(table.turnNanos()) ? channel : null;
    }

    boolean hasRoomFor(int number) {
        return byNumber.size() < table.limits().channels() || byNumber.containsKey(number);
    }

    void bind(int number, InetSocketAddress peer) {
        forget(byNumber.get(number), number, peer);
        TransportAddress address = TransportAddress.of(peer);
        forget(byPeer.get(address), number, peer);
        Channel channel = byNumber.get(number);
        boolean made = channel == null;
        if (made) {
            channel = new Channel(allocation, number, address);
            byNumber.put(number, channel);
            byPeer.put(address, channel);
            table.channelsChanged(1);
        }
        table.scheduleAfter(channel, AllocationTable.CHANNEL_LIFETIME);
        allocation.permit(peer.getAddress());
        if (made) {
            table.events().channelMade(allocation, channel);
        }
    }

    /** A binding that ran out within this tick of the wheel must not live on under a new peer. */
    private void forget(Channel channel, int number, InetSocketAddress peer) {
        if (channel != null && (channel.number() != number || !channel.peer().equals(peer))) {
            table.wheel().cancel(channel);
            expired(channel);
        }
    }

    void expired(Channel channel) {
        byNumber.remove(channel.number(), channel);
        if (byPeer.get(channel.address()) == channel) {
            byPeer.remove(channel.address());
            table.channelsChanged(-1);
        }
    }

    /** Nothing runs out any more: the allocation is over. */
    void stop() {
        byPeer.values().forEach(table.wheel()::cancel);
        table.channelsChanged(-byPeer.size());
    }
}
