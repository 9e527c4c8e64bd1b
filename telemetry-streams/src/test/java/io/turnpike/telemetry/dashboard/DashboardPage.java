package io.turnpike.telemetry.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.Map;
import java.util.TreeMap;

/** The dashboard as a test sees it: figures by name, each with the exact value that stands behind the formatted one. */
public final class DashboardPage {
    private final Chromium browser;

    private DashboardPage(Chromium browser) {
        this.browser = browser;
    }

    /**
     * Opens the dashboard and waits until every panel has an answer.
     *
     * @param api base URI of the API, ending in a slash
     * @param view what to show, such as {@code tenant=acme&user=al}, or empty
     */
    public static DashboardPage open(Chromium browser, URI api, String view) {
        browser.open(view.isEmpty() ? api : api.resolve("#" + view));
        browser.await("document.getElementById('page').dataset.ready === 'true'");
        return new DashboardPage(browser);
    }

    /** Exact value of a figure, {@code null} in quotes if the page shows it as unknown. */
    public String figure(String name) {
        return browser.evaluate("document.querySelector('[data-figure=\"" + name + "\"]').dataset.value").asText();
    }

    /** The figure as people read it. */
    public String reading(String name) {
        return browser.evaluate("document.querySelector('[data-figure=\"" + name + "\"]').textContent").asText();
    }

    /** All figures of the page that have one place. */
    public Map<String, String> figures() {
        JsonNode pairs = browser.evaluate("[...document.querySelectorAll('[data-figure]')]"
                + ".map((each) => [each.dataset.figure, each.dataset.value])");
        Map<String, String> figures = new TreeMap<>();
        pairs.forEach(pair -> figures.put(pair.get(0).asText(), pair.get(1).asText()));
        return figures;
    }

    /** Waits until the page, by itself, shows the value. */
    public void awaitFigure(String name, String value) {
        browser.await("document.querySelector('[data-figure=\"" + name + "\"]')?.dataset.value === '" + value + "'");
    }

    /** State of a panel: loading, ready, empty or failed. */
    public String panel(String name) {
        return browser.evaluate("document.querySelector('[data-panel=\"" + name + "\"]').dataset.state").asText();
    }

    /** Waits until a panel is in a state. */
    public void awaitPanel(String name, String state) {
        browser.await("document.querySelector('[data-panel=\"" + name + "\"]').dataset.state === '" + state + "'");
    }

    /** Waits until a panel's badge holds a text. */
    public void awaitBadge(String panel, String text) {
        browser.await("document.querySelector('[data-panel=\"" + panel + "\"] .badge').textContent.includes('" + text
                + "') && !document.querySelector('[data-panel=\"" + panel + "\"] .badge').hidden");
    }

    /** Waits until the note on the data's age is in a state: fresh, stale, partial or error. */
    public void awaitFreshness(String state) {
        browser.await("document.getElementById('freshness').dataset.state === '" + state + "'");
    }

    /** The browser that shows it. */
    public Chromium browser() {
        return browser;
    }
}
