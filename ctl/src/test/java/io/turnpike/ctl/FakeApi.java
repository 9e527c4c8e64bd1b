package io.turnpike.ctl;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/** An HTTP server that answers what the test says, and remembers what it was asked. */
final class FakeApi implements AutoCloseable {

    /** A request as it came. */
    record Request(String line, String body, Headers headers) {}

    /**
     * @param cutOff how many bytes more are announced than are sent
     * @param open that the connection is not closed after them
     */
    private record Reply(int status, String body, int cutOff, boolean open, String... headers) {}

    private final HttpServer server;
    private final Map<String, Reply> replies = new HashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();

    FakeApi() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return "http://" + server.getAddress().getAddress().getHostAddress() + ":" + server.getAddress().getPort();
    }

    /** Answers {@code "GET /v1/..."}; headers are names and values in turn. */
    FakeApi on(String line, int status, String body, String... headers) {
        replies.put(line, new Reply(status, body.replace('\'', '"'), 0, false, headers));
        return this;
    }

    /** Answers with a body that ends before it should. */
    FakeApi cutOff(String line, String body) {
        replies.put(line, new Reply(200, body, 10, false));
        return this;
    }

    /** Begins to answer, and falls silent. */
    FakeApi silent(String line, String body) {
        replies.put(line, new Reply(200, body, 10, true));
        return this;
    }

    List<Request> requests() {
        return requests;
    }

    Request last() {
        return requests.get(requests.size() - 1);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String line = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        requests.add(new Request(line,
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
                exchange.getRequestHeaders()));
        Reply reply = replies.getOrDefault(line, new Reply(404, "{\"title\":\"no reply for " + line + "\"}", 0, false));
        for (int i = 0; i < reply.headers.length; i += 2) {
            exchange.getResponseHeaders().set(reply.headers[i], reply.headers[i + 1]);
        }
        byte[] body = reply.body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(reply.status, body.length == 0 ? -1 : body.length + reply.cutOff);
        exchange.getResponseBody().write(body);
        exchange.getResponseBody().flush(); // from JDK 25 on, a close without an end sends nothing of it
        if (!reply.open) {
            exchange.close();
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
