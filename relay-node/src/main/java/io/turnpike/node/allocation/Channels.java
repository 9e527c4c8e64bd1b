package io.turnpike.node.allocation;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.turnpike.stun.AddressMap;
import io.turnpike.stun.Endpoint;
import io.turnpike.stun.TransportAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;

/**
 * The channels of one allocation, by number and by peer (RFC 8656 section 12). Many allocations never have more than one,
 * which needs no tables. Confined to the allocation's event loop.
 */
final class Channels {
    private final Allocation allocation;
    private final AllocationTable table;
    private Channel only;
    /** All of them from the second one on; null before. */
    private Tables tables;

    private static final class Tables {
        private final IntObjectMap<Channel> byNumber = new IntObjectHashMap<>();
        private final AddressMap<Channel> byPeer = new AddressMap<>();

        void put(Channel channel) {
            byNumber.put(channel.number(), channel);
            byPeer.put(channel.address(), channel);
        }

        void remove(Channel channel) {
            byNumber.remove(channel.number());
            byPeer.remove(channel.address());
        }
    }

    Channels(Allocation allocation, AllocationTable table) {
        this.allocation = allocation;
        this.table = table;
    }

    /** The channel of a number, or null if it is not bound now. */
    Channel of(int number) {
        return live(find(number));
    }

    /** The channel of a peer, or null if none is bound now. */
    Channel of(Endpoint peer) {
        return live(find(peer));
    }

    private Channel live(Channel channel) {
        return channel != null && channel.isLive(table.turnNanos()) ? channel : null;
    }

    private Channel find(int number) {
        if (tables != null) {
            return tables.byNumber.get(number);
        }
        return only != null && only.number() == number ? only : null;
    }

    private Channel find(Endpoint peer) {
        if (tables != null) {
            return tables.byPeer.get(peer);
        }
        return only != null && only.address().is(peer) ? only : null;
    }

    private Collection<Channel> all() {
        if (tables != null) {
            return tables.byNumber.values();
        }
        return only == null ? List.of() : List.of(only);
    }

    boolean hasRoomFor(int number) {
        return all().size() < table.limits().channels() || find(number) != null;
    }

    void bind(int number, InetSocketAddress peer) {
        TransportAddress address = TransportAddress.of(peer);
        forgetUnless(find(number), number, address);
        forgetUnless(find(address), number, address);
        Channel channel = find(number);
        boolean made = channel == null;
        if (made) {
            channel = new Channel(allocation, number, address);
            add(channel);
            table.channelsChanged(1);
        }
        table.scheduleAfter(channel, AllocationTable.CHANNEL_LIFETIME);
        allocation.permit(peer.getAddress());
        if (made) {
            table.events().channelMade(allocation, number, peer.getAddress());
        }
    }

    private void add(Channel channel) {
        if (tables == null && only == null) {
            only = channel;
            return;
        }
        if (tables == null) {
            tables = new Tables();
            tables.put(only);
            only = null;
        }
        tables.put(channel);
    }

    /** A binding that ran out within this tick of the wheel must not live on under a new peer. */
    private void forgetUnless(Channel channel, int number, TransportAddress address) {
        if (channel != null && (channel.number() != number || !channel.address().equals(address))) {
            table.wheel().cancel(channel);
            expired(channel);
        }
    }

    void expired(Channel channel) {
        if (tables != null) {
            tables.remove(channel);
        } else {
            only = null;
        }
        table.channelsChanged(-1);
    }

    /** Nothing runs out any more: the allocation is over. */
    void stop() {
        Collection<Channel> bound = all();
        bound.forEach(table.wheel()::cancel);
        table.channelsChanged(-bound.size());
    }
}
