package io.turnpike.benchmarks.relay;

import java.io.IOException;
import java.util.List;

/** A few measures that share a load, by the name that {@code --only} takes. */
interface Step {
    String name();

    /** What it measures, in a line of the help. */
    String about();

    /** Puts the load on a server whose code gets faster while it runs. */
    void warmUp(Lab lab, Server server) throws IOException, InterruptedException;

    /** One round in parts: in each of them the servers take turns. */
    List<Turn> turns();

    /** Whether the floor can be measured: it moves ChannelData over UDP and knows nothing else. */
    default boolean hasFloor() {
        return false;
    }

    /** A run, or a few, against one server. */
    interface Turn {
        void measure(Lab lab, Server server) throws IOException, InterruptedException;
    }

    /** All, in the order in which they are measured. */
    static List<Step> all() {
        return List.of(new LonePackets(), new Bursts(), new Latency(), new Indications(), new AllocationCycles(),
                new StreamThroughput(false), new StreamThroughput(true), new Pauses(), new Crowd());
    }
}
