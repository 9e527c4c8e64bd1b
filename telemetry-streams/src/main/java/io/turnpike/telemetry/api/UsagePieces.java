package io.turnpike.telemetry.api;

import com.linecorp.armeria.common.HttpData;
import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.Freshness;
import io.turnpike.telemetry.query.StoreUnavailable;
import io.turnpike.telemetry.query.UsageExport;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * The pieces of an export, partition by partition. Only owners are read, and a partition that moves is waited for, so that
 * a file that ends holds everybody. Used by one request, one piece at a time.
 */
final class UsagePieces implements StreamedBody.Pieces {
    /** Users per piece: some hundred kilobytes. */
    private static final int USERS = 1_000;
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final UsageExport usage;
    private final Optional<String> tenantId;
    private final UsageWindow window;
    private final UsageFile file;
    private final Duration patience;
    private final int partitions;
    private final Instant asOf;
    private Optional<UsageExport.After> after = Optional.empty();
    private int partition;
    private boolean begun;

    private UsagePieces(UsageExport usage, Optional<String> tenantId, UsageFile file, Duration patience) {
        this.usage = usage;
        this.tenantId = tenantId;
        this.window = file.window();
        this.file = file;
        this.patience = patience;
        this.partitions = usage.partitions();
        this.asOf = ownersAsOf();
    }

    /**
     * Begins an export.
     *
     * @param patience how long a partition may have no owner
     * @throws StoreUnavailable if not every partition can be read from its owner now
     */
    static UsagePieces open(UsageExport usage, Optional<String> tenantId, UsageFile file, Duration patience) {
        return new UsagePieces(usage, tenantId, file, patience);
    }

    /** Up to when records are counted in, at least. */
    Instant asOf() {
        return asOf;
    }

    @Override
    public Optional<HttpData> next() {
        if (!begun) {
            begun = true;
            if (file.head().length > 0) {
                return Optional.of(HttpData.wrap(file.head()));
            }
        }
        while (partition < partitions) {
            UsageExport.Piece piece = owned(USERS);
            after = piece.next();
            if (after.isEmpty()) {
                partition++;
            }
            if (!piece.rows().isEmpty()) {
                return Optional.of(HttpData.wrap(file.lines(piece.rows())));
            }
        }
        return Optional.empty();
    }

    private UsageExport.Piece owned(int users) {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                Answer<UsageExport.Piece> answer = piece(users);
                if (!answer.freshness().stale()) {
                    return answer.value();
                }
                if (System.nanoTime() > end) {
                    throw new StoreUnavailable("partition " + partition + " has no owner", PAUSE);
                }
            } catch (StoreUnavailable e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private Instant ownersAsOf() {
        Freshness all = null;
        for (partition = 0; partition < partitions; partition++) {
            Freshness each = piece(1).freshness();
            all = all == null ? each : all.and(each);
        }
        partition = 0;
        if (all == null || all.stale()) {
            throw new StoreUnavailable("not every partition has its owner now", Duration.ofSeconds(2));
        }
        return all.asOf();
    }

    private Answer<UsageExport.Piece> piece(int users) {
        return usage.piece(partition, tenantId, window.range(), window.step(), users, after);
    }
}
