package io.turnpike.telemetry.query;

import java.util.List;
import java.util.Optional;

/**
 * A page of tenants, by id.
 *
 * @param tenants the page
 * @param next id after which the next page begins, empty on the last one
 */
public record TenantPage(List<Tenant> tenants, Optional<String> next) {
    public TenantPage {
        tenants = List.copyOf(tenants);
    }
}
