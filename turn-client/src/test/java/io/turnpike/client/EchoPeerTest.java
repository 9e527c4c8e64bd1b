package io.turnpike.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.Arrays;

import org.junit.jupiter.api.Test;

class EchoPeerTest {

    private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);

    @Test
    void echoesEveryDatagramAlsoTheEmptyOne() throws Exception {
        try (EchoPeer peer = EchoPeer.start(ANY); DatagramSocket socket = new DatagramSocket(ANY)) {
            socket.setSoTimeout(10_000);
            for (int length : new int[]{0, 1, 1200, 9000}) {
                byte[] sent = new byte[length];
                Arrays.fill(sent, (byte) length);
                socket.send(new DatagramPacket(sent, length, peer.address()));
                DatagramPacket echo = new DatagramPacket(new byte[10_000], 10_000);
                socket.receive(echo);
                assertThat(Arrays.copyOf(echo.getData(), echo.getLength())).isEqualTo(sent);
            }
            assertThat(peer.receivedPackets()).isEqualTo(4);
            assertThat(peer.receivedBytes()).isEqualTo(10_201);
        }
    }

    @Test
    void saysThatItsPortIsTaken() {
        try (EchoPeer peer = EchoPeer.start(ANY)) {
            assertThatThrownBy(() -> EchoPeer.start(peer.address())).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(String.valueOf(peer.address().getPort()));
        }
    }
}
