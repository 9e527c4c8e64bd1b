package io.turnpike.telemetry.query;

import java.util.List;
import java.util.Optional;

/** The relay nodes. */
public interface NodeQueries {
    /** All nodes that were heard of in the last seven days, by id. */
    Answer<List<Node>> nodes();

    /** One node. */
    Answer<Optional<Node>> node(String nodeId);
}
