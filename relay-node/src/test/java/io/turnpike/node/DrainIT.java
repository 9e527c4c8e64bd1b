package io.turnpike.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import io.netty.buffer.Unpooled;
import io.turnpike.client.ClientTransport;
import io.turnpike.client.EchoPeer;
import io.turnpike.client.StunErrorException;
import io.turnpike.client.TurnClient;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.stun.AlternateServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A node goes out of service while clients talk through it (RFC 8489 section 10, trap 30). */
class DrainIT {
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(20);
    private static final Pattern LISTENING = Pattern.compile("listening udp 127\\.0\\.0\\.1:(\\d+)");

    @TempDir
    private Path dataDir;
    @RegisterExtension
    final OpenParts open = new OpenParts();
    private final HttpClient http = HttpClient.newHttpClient();

    @ParameterizedTest
    @EnumSource(names = {"UDP", "TCP"})
    void sendsNewClientsToTheOtherNodeWhileCallsGoOn(ClientTransport transport) throws Exception {
        RelayNode second = start("n2", "");
        RelayNode first = start("n1", alternates(second));
        EchoPeer peer = open.add(EchoPeer.start(new InetSocketAddress("127.0.0.1", 0)));
        AtomicInteger received = new AtomicInteger();
        TurnClient talking = client(listener(first, transport), transport, received);
        get(talking.allocate());
        get(talking.channelBind(0x4000, peer.address()));

        assertThat(drain(first, "POST", "")).contains("\"draining\":true", "\"allocations\":1");
        assertThat(ready(first)).isEqualTo(503);

        TurnClient late = client(listener(first, transport), transport, new AtomicInteger());
        InetSocketAddress elsewhere = redirected(late);
        assertThat(elsewhere).isEqualTo(listener(second, transport));
        // The same credentials: the realm is the cluster's.
        get(client(elsewhere, transport, new AtomicInteger()).allocate());
        assertThat(second.allocations()).isOne();

        get(talking.channelData(0x4000, Unpooled.wrappedBuffer(new byte[100])));
        await().atMost(LONG_ENOUGH).untilAtomic(received, count -> assertThat(count).isOne());
        assertThat(get(talking.refresh(Duration.ofSeconds(600)))).isEqualTo(Duration.ofSeconds(600));

        assertThat(drain(first, "DELETE", "")).contains("\"draining\":false");
        assertThat(ready(first)).isEqualTo(200);
        get(late.allocate());
    }

    @Test
    void endsWhatLivesAtTheDeadlineAndCanServeAgain() throws Exception {
        RelayNode node = start("n1", "");
        TurnClient client = client(listener(node, ClientTransport.UDP), ClientTransport.UDP, new AtomicInteger());
        get(client.allocate());

        drain(node, "POST", "?deadlineSeconds=0");

        await().atMost(LONG_ENOUGH).until(() -> node.allocations() == 0);
        drain(node, "DELETE", "");
        get(client.allocate());
    }

    @Test
    void waitsForTheLastCallBeforeItCloses() throws Exception {
        RelayNode second = start("n2", "");
        RelayNode first = start("n1", alternates(second) + "\ndrain.deadline = 1h");
        TurnClient talking = client(listener(first, ClientTransport.UDP), ClientTransport.UDP, new AtomicInteger());
        get(talking.allocate());

        CompletableFuture<Void> stopped = CompletableFuture.runAsync(first::drainAndClose);
        await().atMost(LONG_ENOUGH).until(() -> ready(first) == 503);
        redirected(client(listener(first, ClientTransport.UDP), ClientTransport.UDP, new AtomicInteger()));
        assertThat(stopped).isNotDone();
        get(talking.release());

        get(stopped);
    }

    /** SIGTERM to a process of its own. */
    @Test
    void drainsAtSigterm() throws Exception {
        RelayNode second = start("n2", "");
        Path config = Files.writeString(dataDir.resolve("relay.conf"),
                config("n1") + alternates(second) + "\ndrain.deadline = 1h");
        Path output = dataDir.resolve("relay.out");
        Process relay = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), Main.class.getName(), "--config", config.toString())
                .redirectErrorStream(true).redirectOutput(output.toFile()).start();
        open.add(relay::destroyForcibly);
        await().atMost(LONG_ENOUGH.multipliedBy(3)).until(() -> Files.readString(output).contains("READY"));
        Matcher listening = LISTENING.matcher(Files.readString(output));
        assertThat(listening.find()).isTrue();
        InetSocketAddress server = new InetSocketAddress("127.0.0.1", Integer.parseInt(listening.group(1)));
        TurnClient talking = client(server, ClientTransport.UDP, new AtomicInteger());
        get(talking.allocate());

        relay.destroy();

        TurnClient late = client(server, ClientTransport.UDP, new AtomicInteger());
        await().atMost(LONG_ENOUGH).until(() -> {
            Throwable refusal = catchThrowable(() -> get(late.allocate()));
            if (refusal == null) {
                get(late.release());
            }
            return refusal != null && ((StunErrorException) refusal.getCause()).code() == 300;
        });
        get(talking.refresh(Duration.ofSeconds(600)));
        assertThat(relay.isAlive()).isTrue();
        get(talking.release());
        assertThat(relay.waitFor(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    private static InetSocketAddress redirected(TurnClient client) {
        Throwable refusal = catchThrowable(() -> get(client.allocate())).getCause();
        assertThat(refusal).isInstanceOf(StunErrorException.class);
        assertThat(((StunErrorException) refusal).code()).isEqualTo(300);
        return ((StunErrorException) refusal).answer().get(AlternateServer.class).orElseThrow().address();
    }

    private static String alternates(RelayNode other) {
        return "drain.alternates = [{ transport = udp, host = \"127.0.0.1\", port = "
                + listener(other, ClientTransport.UDP).getPort()
                + " }, { transport = tcp, host = \"127.0.0.1\", port = "
                + listener(other, ClientTransport.TCP).getPort() + " }]";
    }

    private String config(String id) {
        return """
                node { id = %s, data-dir = "%s" }
                event-loops = 2
                default-tenant = demo
                kafka.enabled = false
                quota.default.mode = OFF
                auth.users = [{ tenant = demo, user = al, password = secret }]
                peers.allow = ["127.0.0.0/8"]
                admin { host = "127.0.0.1", port = 0 }
                listeners = [
                  { transport = udp, host = "127.0.0.1", port = 0 }
                  { transport = tcp, host = "127.0.0.1", port = 0 }
                ]
                """.formatted(id, dataDir.resolve(id));
    }

    private RelayNode start(String id, String overrides) throws IOException {
        return open.add(RelayNode.start(RelayConfig.load(ConfigFactory.parseString(config(id) + overrides))));
    }

    private TurnClient client(InetSocketAddress server, ClientTransport transport, AtomicInteger received)
            throws Exception {
        return open.add(get(TurnClient.to(server).transport(transport).credentials("al", "secret")
                .onData((peer, data) -> received.incrementAndGet()).connect()));
    }

    private static InetSocketAddress listener(RelayNode node, ClientTransport transport) {
        return node.listeners().stream().filter(each -> each.transport().name().equals(transport.name())).findFirst()
                .orElseThrow().address();
    }

    private String drain(RelayNode node, String method, String query) throws Exception {
        HttpResponse<String> answer = http.send(HttpRequest.newBuilder(admin(node, "/drain" + query))
                .method(method, HttpRequest.BodyPublishers.noBody()).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.body();
    }

    private int ready(RelayNode node) throws Exception {
        return http.send(HttpRequest.newBuilder(admin(node, "/health/ready")).build(),
                HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private static URI admin(RelayNode node, String path) {
        return URI.create("http://127.0.0.1:" + node.adminAddress().getPort() + path);
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
    }
}
