package io.turnpike.stun;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * A transport address that is pointed at one packet's after the other's, so that a packet makes no object. What must
 * outlive the packet takes {@link #toAddress()}. Confined to one thread.
 */
public final class AddressCursor implements Endpoint {
    private static final int IPV6_BYTES = 16;

    private long high;
    private long low;
    private int port;

    /** Points at 0.0.0.0, port 0. */
    public AddressCursor() {
        setIpv4(0, 0);
    }

    /**
     * Points at an address by its 16 bytes; IPv4 in its mapped form.
     *
     * @param addressHigh bytes 0 to 7
     * @param addressLow bytes 8 to 15
     * @param addressPort 0 to 65,535
     */
    public void set(long addressHigh, long addressLow, int addressPort) {
        high = addressHigh;
        low = addressLow;
        port = addressPort;
    }

    /** Points at an IPv4 address, its bytes in network order. */
    public void setIpv4(int address, int addressPort) {
        set(0, TransportAddress.IPV4_PREFIX | Integer.toUnsignedLong(address), addressPort);
    }

    /** Points at a socket address, whose host is resolved. */
    public void set(InetSocketAddress address) {
        setHost(address.getAddress());
        port = address.getPort();
    }

    /** Points at a host, with port 0. */
    public void setHost(InetAddress host) {
        byte[] bytes = host.getAddress();
        if (bytes.length == Integer.BYTES) {
            setIpv4((int) word(bytes, 0, Integer.BYTES), 0);
        } else {
            set(word(bytes, 0, Long.BYTES), word(bytes, Long.BYTES, Long.BYTES), 0);
        }
    }

    private static long word(byte[] bytes, int from, int length) {
        long word = 0;
        for (int i = from; i < from + length; i++) {
            word = word << Byte.SIZE | bytes[i] & 0xFF;
        }
        return word;
    }

    /** Points at another's address. */
    public void set(Endpoint address) {
        set(address.high(), address.low(), address.port());
    }

    @Override
    public long high() {
        return high;
    }

    @Override
    public long low() {
        return low;
    }

    @Override
    public int port() {
        return port;
    }

    /** The four bytes of an IPv4 address; meaningless for IPv6. */
    public int ipv4() {
        return (int) low;
    }

    /** Whether it is an IPv4 address. */
    public boolean isIpv4() {
        return TransportAddress.isIpv4(high, low);
    }

    /** A lasting copy. */
    public TransportAddress toAddress() {
        return new TransportAddress(high, low, port, null);
    }

    @Override
    public InetSocketAddress socketAddress() {
        return new InetSocketAddress(toHost(), port);
    }

    /** The host without its port: a new object. */
    public InetAddress toHost() {
        byte[] bytes = new byte[isIpv4() ? Integer.BYTES : IPV6_BYTES];
        for (int i = 0; i < bytes.length; i++) {
            int fromEnd = bytes.length - 1 - i;
            long word = fromEnd < Long.BYTES ? low : high;
            bytes[i] = (byte) (word >>> Byte.SIZE * (fromEnd % Long.BYTES));
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }

    /** Points at the first XOR-PEER-ADDRESS of a frame; false, and nothing is changed, if it is absent or ill-formed. */
    public boolean setPeer(StunFrame frame) {
        switch (frame.peerAddressBytes()) {
            case Integer.BYTES :
                setIpv4(frame.peerIpv4(), frame.peerPort());
                return true;
            case IPV6_BYTES :
                set(frame.peerIpv6High(), frame.peerIpv6Low(), frame.peerPort());
                return true;
            default :
                return false;
        }
    }

    @Override
    public String toString() {
        return socketAddress().toString();
    }
}
