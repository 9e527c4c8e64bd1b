package io.turnpike.telemetry.cluster;

import java.util.Map;

/**
 * What one instance had to say.
 *
 * @param parts answers by partition
 * @param away why there is none, by partition
 */
record Found<A>(Map<Integer, Part<A>> parts, Map<Integer, String> away) {}
