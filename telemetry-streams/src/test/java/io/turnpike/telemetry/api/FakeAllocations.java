package io.turnpike.telemetry.api;

import io.turnpike.telemetry.query.Allocation;
import io.turnpike.telemetry.query.AllocationPage;
import io.turnpike.telemetry.query.AllocationQueries;
import io.turnpike.telemetry.query.Answer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Allocations in a list. */
final class FakeAllocations implements AllocationQueries {
    private final FakeStores stores;
    private final List<Allocation> allocations = new ArrayList<>();

    FakeAllocations(FakeStores stores) {
        this.stores = stores;
    }

    synchronized void clear() {
        allocations.clear();
    }

    synchronized void add(Allocation allocation) {
        allocations.removeIf(known -> known.id().equals(allocation.id()));
        allocations.add(allocation);
    }

    @Override
    public synchronized Answer<AllocationPage> allocations(String tenantId, Allocation.State state,
            Optional<String> userId, int limit, Optional<AllocationPage.After> after) {
        List<Allocation> rest = allocations.stream()
                .filter(allocation -> allocation.tenantId().equals(tenantId) && allocation.state() == state
                        && userId.map(allocation.userId()::equals).orElse(true)
                        && after.map(end -> allocation.id().compareTo(end.id()) > 0).orElse(true))
                .sorted(Comparator.comparing(Allocation::id)).toList();
        List<Allocation> page = rest.subList(0, Math.min(limit, rest.size()));
        return stores.answer(new AllocationPage(page, rest.size() > limit
                ? Optional.of(new AllocationPage.After(page.get(limit - 1).endedAt(), page.get(limit - 1).id()))
                : Optional.empty()));
    }

    @Override
    public synchronized Answer<Optional<Allocation>> allocation(String allocationId) {
        return stores
                .answer(allocations.stream().filter(allocation -> allocation.id().equals(allocationId)).findFirst());
    }
}
