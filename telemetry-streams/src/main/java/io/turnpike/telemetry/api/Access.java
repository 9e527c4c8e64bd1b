package io.turnpike.telemetry.api;

/** Who may use a route. */
enum Access {
    /** Everybody, without a token: health, metrics, the API's description. */
    PUBLIC,
    /** Every caller; the handler shows only what the caller may see. */
    OWN,
    /** Who may see the tenant of the path. */
    TENANT,
    /** Who may see all tenants. */
    CLUSTER,
    /** Operators and the tenant of the path. */
    MINT,
    /** Operators. */
    OPERATOR
}
