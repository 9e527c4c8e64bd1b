package io.turnpike.node.kafka;

import java.util.Map;

/**
 * What the heartbeat says about the way to Kafka, beside what the node says of itself.
 *
 * @param controlConnected whether control topics are read up to date
 * @param queueDepth events that wait
 * @param spoolBytes bytes of records kept on disk
 * @param droppedRecords records given up, by kind
 * @param events what the node says of the events of its allocations
 */
record PublisherFigures(boolean controlConnected, int queueDepth, long spoolBytes, Map<String, Long> droppedRecords,
        EventAccount.Statement events) {}
