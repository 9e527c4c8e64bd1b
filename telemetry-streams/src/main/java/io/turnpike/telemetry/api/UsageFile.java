package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.telemetry.query.DirectionUsage;
import io.turnpike.telemetry.query.Usage;
import io.turnpike.telemetry.query.UsageExport;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * The lines of an export.
 *
 * @param window whose usage it is
 * @param format as what
 */
record UsageFile(UsageWindow window, Format format) {
    /** What a line is. */
    enum Format {
        /** RFC 4180 with a header. */
        CSV,
        /** One JSON object a line. */
        NDJSON
    }

    private static final String END = "\r\n";
    private static final List<String> DIRECTIONS = List.of("clientToRelay", "relayToPeer", "peerToRelay",
            "relayToClient");
    private static final String HEADER = "tenant,user,from,to," + DIRECTIONS.stream()
            .map(direction -> direction + "WireBytes," + direction + "PayloadBytes," + direction + "Packets,")
            .collect(Collectors.joining()) + "billableBytes,adjustmentBytes" + END;

    /** What stands before the first row. */
    byte[] head() {
        return format == Format.CSV ? HEADER.getBytes(StandardCharsets.UTF_8) : new byte[0];
    }

    /** The rows as lines. */
    byte[] lines(List<UsageExport.Row> rows) {
        return rows.stream().map(row -> format == Format.CSV ? csv(row) : json(row)).collect(Collectors.joining())
                .getBytes(StandardCharsets.UTF_8);
    }

    private String csv(UsageExport.Row row) {
        Usage usage = row.usage();
        String numbers = List.of(usage.clientToRelay(), usage.relayToPeer(), usage.peerToRelay(), usage.relayToClient())
                .stream().flatMapToLong(UsageFile::numbers).mapToObj(number -> number + ",")
                .collect(Collectors.joining());
        return quoted(row.tenant()) + ',' + quoted(row.user()) + ',' + Json.time(window.range().from()) + ','
                + Json.time(window.range().to()) + ',' + numbers + usage.billableBytes() + ','
                + usage.adjustmentBytes() + END;
    }

    private static LongStream numbers(DirectionUsage usage) {
        return LongStream.of(usage.wireBytes(), usage.payloadBytes(), usage.packets());
    }

    private static String quoted(String text) {
        return text.chars().anyMatch(each -> each == ',' || each == '"' || each == '\n' || each == '\r')
                ? '"' + text.replace("\"", "\"\"") + '"'
                : text;
    }

    private String json(UsageExport.Row row) {
        ObjectNode line = Json.object().put("tenant", row.tenant()).put("user", row.user())
                .put("from", Json.time(window.range().from())).put("to", Json.time(window.range().to()));
        line.setAll(UsageResource.billed(row.usage()));
        return line + "\n";
    }
}
