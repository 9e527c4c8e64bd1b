package io.turnpike.node.quota;

/**
 * The rates that one direction of an allocation must keep to: its own, its user's, its tenant's; each null where there is
 * none. Confined to its loop.
 */
final class RateSlices {
    private final Rates rates;
    private final Lane lane;
    private final RateSlice own;
    private final RateSlice user;
    private final RateSlice tenant;

    RateSlices(Rates rates, RateBucket own, RateBucket user, Direction direction, Lane lane) {
        this.rates = rates;
        this.lane = lane;
        this.own = RateSlice.of(own, direction);
        this.user = RateSlice.of(user, direction);
        tenant = lane.sliceOf(rates, direction);
    }

    boolean isOf(Rates others) {
        return rates == others;
    }

    /** Whether a datagram may pass; its tokens are taken then. */
    boolean take(int bytes) {
        return take(bytes, false);
    }

    /** Whether a message of a stream may pass before its tokens have come. */
    boolean takeAhead(int bytes) {
        return take(bytes, true);
    }

    private boolean take(int bytes, boolean ahead) {
        if (!take(own, bytes, ahead)) {
            return false;
        }
        if (!take(user, bytes, ahead)) {
            giveBack(own, bytes);
            return false;
        }
        if (!take(tenant, bytes, ahead)) {
            giveBack(own, bytes);
            giveBack(user, bytes);
            return false;
        }
        return true;
    }

    private boolean take(RateSlice slice, int bytes, boolean ahead) {
        return slice == null || (ahead ? slice.takeAhead(bytes, lane) : slice.take(bytes, lane));
    }

    /** How many bytes of a stream may pass now; their tokens are taken. */
    int takeUpTo(int bytes) {
        int most = own == null ? bytes : own.takeUpTo(bytes, lane);
        int more = user == null || most == 0 ? most : user.takeUpTo(most, lane);
        giveBack(own, most - more);
        int part = tenant == null || more == 0 ? more : tenant.takeUpTo(more, lane);
        giveBack(own, more - part);
        giveBack(user, more - part);
        return part;
    }

    /** The allocation ends; the slice of its own rate ends with the rate, the tenant's is others' too. */
    void close() {
        if (user != null) {
            user.close(lane);
        }
    }

    /** Lays back what was taken for bytes that do not pass after all. */
    void giveBack(int bytes) {
        giveBack(own, bytes);
        giveBack(user, bytes);
        giveBack(tenant, bytes);
    }

    private static void giveBack(RateSlice slice, int bytes) {
        if (slice != null) {
            slice.giveBack(bytes);
        }
    }
}
