package io.turnpike.telemetry.query;

import java.util.List;
import java.util.Optional;

/** Every user with its usage over a range, read in pieces of bounded size, partition by partition. */
public interface UsageExport {
    /**
     * A user's usage over the range of the question.
     *
     * @param tenant tenant id
     * @param user user id
     */
    record Row(String tenant, String user, Usage usage) {}

    /**
     * A piece.
     *
     * @param rows users that used anything, in the order of the store
     * @param next where the next piece begins, empty at the end of the partition
     */
    record Piece(List<Row> rows, Optional<After> next) {
        public Piece {
            rows = List.copyOf(rows);
        }
    }

    /** The last user of a piece. */
    record After(String tenant, String user) {}

    /**
     * How many partitions there are.
     *
     * @throws StoreUnavailable if that is not known yet
     */
    int partitions();

    /**
     * Reads a piece of one partition.
     *
     * @param tenantId only this tenant's users, empty for all tenants
     * @param step step whose buckets are added up; the range is aligned to it
     * @param most most users to look at
     * @param after end of the previous piece, empty for the first
     * @throws StoreUnavailable if the partition does not answer in time
     */
    Answer<Piece> piece(int partition, Optional<String> tenantId, TimeRange range, Step step, int most,
            Optional<After> after);
}
