package io.turnpike.telemetry.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A headless Chromium with one page, driven over the DevTools protocol with the JDK alone. It has its own empty profile,
 * reaches no network by itself, and is gone after {@link #close}.
 */
public final class Chromium implements AutoCloseable {
    private static final List<Path> PLACES = List.of(Path.of("/usr/bin/chromium"),
            Path.of("/usr/bin/chromium-browser"));
    private static final String ANNOUNCEMENT = "DevTools listening on ";
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final Path profile;
    private final WebSocket socket;
    private final String session;
    private final Map<Integer, CompletableFuture<JsonNode>> waiting;
    private final AtomicInteger lastId;
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    private Chromium(Process process, Path profile, URI address) {
        this.process = process;
        this.profile = profile;
        this.waiting = new ConcurrentHashMap<>();
        this.lastId = new AtomicInteger();
        this.socket = HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(address, new Listener()).join();
        String target = call("", "Target.createTarget", JSON.createObjectNode().put("url", "about:blank"))
                .get("targetId").textValue();
        this.session = call("", "Target.attachToTarget",
                JSON.createObjectNode().put("targetId", target).put("flatten", true)).get("sessionId").textValue();
        for (String domain : List.of("Page", "Runtime", "Log")) {
            call(domain + ".enable", JSON.createObjectNode());
        }
    }

    /** Where Debian's Chromium is, empty if it is not installed. */
    public static Optional<Path> installed() {
        return PLACES.stream().filter(Files::isExecutable).findFirst();
    }

    /**
     * Starts one.
     *
     * @param options of its command line, besides those that every one here has
     * @throws IllegalStateException if it is not installed or does not start
     */
    public static Chromium start(String... options) throws IOException {
        Path program = installed().orElseThrow(() -> new IllegalStateException("chromium is not installed"));
        Path profile = Files.createTempDirectory("chromium-profile");
        List<String> command = new ArrayList<>(List.of(program.toString(), "--headless", "--no-sandbox",
                "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--remote-debugging-port=0", "--user-data-dir=" + profile));
        command.addAll(List.of(options));
        command.add("about:blank");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new Chromium(process, profile, address(process));
    }

    private static URI address(Process process) throws IOException {
        BufferedReader output = new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        StringBuilder said = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(ANNOUNCEMENT)) {
                Thread drain = new Thread(() -> output.lines().forEach(rest -> {}), "chromium-output");
                drain.setDaemon(true);
                drain.start();
                return URI.create(line.substring(ANNOUNCEMENT.length()));
            }
            said.append(line).append('\n');
        }
        throw new IllegalStateException("chromium did not start: " + said);
    }

    /** Size of the window in CSS pixels. */
    public void resize(int width, int height) {
        call("Emulation.setDeviceMetricsOverride", JSON.createObjectNode().put("width", width).put("height", height)
                .put("deviceScaleFactor", 1).put("mobile", false));
    }

    /** Prefers light or dark pages. */
    public void prefer(String colorScheme) {
        ObjectNode media = JSON.createObjectNode();
        media.putArray("features").addObject().put("name", "prefers-color-scheme").put("value", colorScheme);
        call("Emulation.setEmulatedMedia", media);
    }

    /** Goes to an address in a fresh document. */
    public void open(URI address) {
        call("Page.navigate", JSON.createObjectNode().put("url", "about:blank"));
        await("location.href === 'about:blank'");
        complaints.clear();
        call("Page.navigate", JSON.createObjectNode().put("url", address.toString()));
        await("location.href.startsWith('" + address.getScheme() + "') && document.readyState === 'complete'");
    }

    /** Value of a script expression; a promise is waited for. */
    public JsonNode evaluate(String expression) {
        JsonNode answer = call("Runtime.evaluate", JSON.createObjectNode().put("expression", expression)
                .put("awaitPromise", true).put("returnByValue", true));
        if (answer.has("exceptionDetails")) {
            throw new IllegalStateException(expression + ": " + answer.get("exceptionDetails"));
        }
        return answer.path("result").path("value");
    }

    /** Waits until a script expression is true on the page; fails after a minute, naming it. */
    public void await(String expression) {
        String seen = evaluate("new Promise((done) => { const until = Date.now() + "
                + ANSWER_TIMEOUT.toMillis() / 2 + "; const look = () => { let isSo = false; try { isSo = Boolean("
                + expression + "); } catch (e) { isSo = false; } if (isSo) done('yes'); else if (Date.now() > until)"
                + " done('no'); else setTimeout(look, 25); }; look(); })").asText();
        if (!seen.equals("yes")) {
            throw new AssertionError("it never came true on the page: " + expression + "\nthe page says: "
                    + evaluate("document.body.innerText").asText() + "\ncomplaints: " + complaints);
        }
    }

    /** Presses a key, such as {@code Tab} or {@code Enter}. */
    public void press(String key) {
        ObjectNode event = JSON.createObjectNode().put("key", key).put("code", key)
                .put("windowsVirtualKeyCode", key.equals("Enter") ? 13 : 9);
        if (key.equals("Enter")) {
            event.put("text", "\r");
        }
        call("Input.dispatchKeyEvent", event.deepCopy().put("type", "keyDown"));
        call("Input.dispatchKeyEvent", event.deepCopy().put("type", "keyUp"));
    }

    /** Types text into what has the focus. */
    public void type(String text) {
        call("Input.insertText", JSON.createObjectNode().put("text", text));
    }

    /** Errors of scripts, of the content security policy and of loading since the last {@link #open}. */
    public List<String> complaints() {
        return List.copyOf(complaints);
    }

    /** Writes what is seen to a PNG file. */
    public void screenshot(Path file) throws IOException {
        JsonNode answer = call("Page.captureScreenshot", JSON.createObjectNode().put("format", "png"));
        Files.write(file, Base64.getDecoder().decode(answer.get("data").textValue()));
    }

    private JsonNode call(String method, ObjectNode parameters) {
        return call(session, method, parameters);
    }

    private JsonNode call(String inSession, String method, ObjectNode parameters) {
        int id = lastId.incrementAndGet();
        ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", parameters);
        if (!inSession.isEmpty()) {
            message.put("sessionId", inSession);
        }
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        socket.sendText(message.toString(), true).join();
        JsonNode whole = answer.orTimeout(ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS).join();
        if (whole.has("error")) {
            throw new IllegalStateException(method + ": " + whole.get("error"));
        }
        return whole.get("result");
    }

    @Override
    public void close() throws IOException {
        socket.abort();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join();
        try (Stream<Path> files = Files.walk(profile)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder partial = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean isLast) {
            partial.append(data);
            if (isLast) {
                String text = partial.toString();
                partial.setLength(0);
                take(text);
            }
            webSocket.request(1);
            return null;
        }

        private void take(String text) {
            JsonNode message;
            try {
                message = JSON.readTree(text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (message.has("id")) {
                waiting.remove(message.get("id").intValue()).complete(message);
                return;
            }
            JsonNode parameters = message.path("params");
            switch (message.path("method").asText()) {
                case "Runtime.exceptionThrown" -> complaints.add(parameters.at("/exceptionDetails").toString());
                case "Log.entryAdded" -> {
                    if (parameters.at("/entry/level").asText().equals("error")) {
                        complaints.add(
                                parameters.at("/entry/text").asText() + " " + parameters.at("/entry/url").asText());
                    }
                }
                default -> {
                }
            }
        }
    }
}
