package io.turnpike.telemetry.query;

/** How an allocation, or an attempt at one, ended. The first that matches wins, in this order (DESIGN section 9). */
public enum Outcome {
    /** Credentials were refused; the first challenge is no failure. */
    AUTH_FAILED,
    /** The Allocate request was answered with an error. */
    REJECTED,
    /** The node went silent after media had flowed both ways; provisional. */
    NODE_LOST,
    /** Quota ended it after media had flowed both ways. */
    CUT_BY_QUOTA,
    /** The client's transport closed after media had flowed both ways, without a release. */
    DROPPED,
    /** Media flowed both ways. */
    CONNECTED,
    /** Packets went out and none came back. */
    ONE_WAY,
    /** Connectivity checks only: another path was chosen, or none. */
    CHECKS_ONLY,
    /** Nothing was relayed. */
    UNUSED
}
