package io.turnpike.contract;

/** Share of a quota's volume that is its tail reserve, bounded the same wherever it is written. */
public final class TailPercent {
    /** What a policy has that names none. */
    public static final int DEFAULT = 1;
    /** The largest. */
    public static final int MOST = 50;

    private TailPercent() {}
}
