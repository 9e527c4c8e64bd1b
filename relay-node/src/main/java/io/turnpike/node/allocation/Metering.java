package io.turnpike.node.allocation;

import io.turnpike.node.event.Milestone;
import io.turnpike.node.quota.Allowance;
import io.turnpike.node.quota.Direction;
import io.turnpike.node.usage.DropReason;
import io.turnpike.node.usage.UsageMeter;

/**
 * What one allocation's data costs: debited before it is given to a socket, counted when the socket has taken it, given
 * back when it has not. Knows what is still on its way, so that the last figures are final. Confined to the allocation's
 * event loop.
 */
final class Metering {
    private final Allocation allocation;
    private final AllocationTable table;
    private final Allowance allowance;
    private final UsageMeter usage = new UsageMeter();
    private final Way toPeer = new ToPeer();
    private final Way toClient = new ToClient();
    private int undelivered;
    private boolean stopped;

    Metering(Allocation allocation, AllocationTable table, Allowance allowance) {
        this.allocation = allocation;
        this.table = table;
        this.allowance = allowance;
    }

    UsageMeter usage() {
        return usage;
    }

    boolean debitToPeer(int clientWireBytes, int payloadBytes) {
        return allowance.debit(toPeer.billable(clientWireBytes, payloadBytes), Direction.CLIENT_TO_PEER);
    }

    boolean debitToClient(int clientWireBytes) {
        return allowance.debit(clientWireBytes, Direction.PEER_TO_CLIENT);
    }

    /** As {@link #debitToPeer}, of a message that came on a stream and that a rate refused: it passes ahead of its time. */
    boolean debitToPeerAhead(int clientWireBytes, int payloadBytes) {
        return allowance.debitAhead(toPeer.billable(clientWireBytes, payloadBytes), Direction.CLIENT_TO_PEER);
    }

    /** Why the last debit that was refused was. */
    DropReason refusal() {
        return allowance.isOverRate() ? DropReason.RATE_LIMITED : DropReason.QUOTA_EXHAUSTED;
    }

    /** The fate of one debited datagram to a peer, which is on its way from now on. */
    Delivery toPeer() {
        undelivered++;
        return toPeer;
    }

    /** The fate of one debited message to the client, which is on its way from now on. */
    Delivery toClient() {
        undelivered++;
        return toClient;
    }

    StreamPipe.Ledger streamToPeer() {
        return toPeer;
    }

    StreamPipe.Ledger streamToClient() {
        return toClient;
    }

    void drop(DropReason reason) {
        usage.drop(reason);
        table.drops().count(reason);
    }

    /** Whether the sockets have told the fate of everything they were given. */
    boolean isSettled() {
        return undelivered == 0;
    }

    /** No more data comes; what is on its way still counts. */
    void stop() {
        stopped = true;
    }

    boolean isCreditOver() {
        return allowance.isOver();
    }

    void giveBackCredit() {
        allowance.close();
    }

    private void settledOne() {
        undelivered--;
        if (stopped && undelivered == 0) {
            table.finish(allocation);
        }
    }

    /** One direction: datagrams one by one, or a raw stream, on which every billable rule comes to the same. */
    private abstract class Way implements Delivery, StreamPipe.Ledger {
        private final Direction direction;
        private final Milestone first;
        private boolean sent;

        Way(Direction direction, Milestone first) {
            this.direction = direction;
            this.first = first;
        }

        abstract int billable(int clientWireBytes, int payloadBytes);

        abstract void count(int clientWireBytes, int payloadBytes);

        private void counted(int clientWireBytes, int payloadBytes) {
            count(clientWireBytes, payloadBytes);
            if (!sent) {
                sent = true;
                table.events().reached(allocation, first, toPeer.sent && toClient.sent);
            }
        }

        @Override
        public void delivered(int clientWireBytes, int payloadBytes) {
            counted(clientWireBytes, payloadBytes);
            settledOne();
        }

        @Override
        public void refused(int clientWireBytes, int payloadBytes, DropReason reason) {
            allowance.refund(billable(clientWireBytes, payloadBytes));
            drop(reason);
            settledOne();
        }

        @Override
        public int debitUpTo(int bytes) {
            return allowance.debitUpTo(bytes, direction);
        }

        @Override
        public boolean isPaced() {
            return allowance.isOverRate();
        }

        @Override
        public void sending() {
            undelivered++;
        }

        @Override
        public void settled(int sentBytes, int lostBytes) {
            if (sentBytes > 0) {
                counted(sentBytes, sentBytes);
            }
            if (lostBytes > 0) {
                allowance.refund(lostBytes);
                drop(DropReason.PEER_CONNECTION_LOST);
            }
            settledOne();
        }
    }

    private final class ToPeer extends Way {
        ToPeer() {
            super(Direction.CLIENT_TO_PEER, Milestone.FIRST_CLIENT_TO_PEER);
        }

        @Override
        int billable(int clientWireBytes, int payloadBytes) {
            return allocation.owner().billing().toPeer(clientWireBytes, payloadBytes);
        }

        @Override
        void count(int clientWireBytes, int payloadBytes) {
            usage.clientToPeer(clientWireBytes, payloadBytes);
            table.totals().clientToPeer(clientWireBytes, payloadBytes);
        }
    }

    private final class ToClient extends Way {
        ToClient() {
            super(Direction.PEER_TO_CLIENT, Milestone.FIRST_PEER_TO_CLIENT);
        }

        @Override
        int billable(int clientWireBytes, int payloadBytes) {
            return clientWireBytes;
        }

        @Override
        void count(int clientWireBytes, int payloadBytes) {
            usage.peerToClient(clientWireBytes, payloadBytes);
            table.totals().peerToClient(clientWireBytes, payloadBytes);
        }
    }
}
