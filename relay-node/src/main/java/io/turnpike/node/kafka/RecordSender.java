package io.turnpike.node.kafka;

import java.time.Duration;

/** Where the publisher thread hands records over: Kafka's producer, or a fake. */
interface RecordSender {
    /** Sends; never throws. The outcome comes to {@code sent} later, or before this returns. */
    void send(WireRecord record, InFlight sent);

    /** Hears of a failure that was seen, so that a producer that cannot recover is replaced. */
    void failedWith(Exception failure);

    /** Ends it. What is still under way is abandoned. */
    void close(Duration within);
}
