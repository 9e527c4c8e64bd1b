package io.turnpike.benchmarks.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.UserKey;
import io.turnpike.events.v1.UsageSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UsageTraceTest {
    private static final Instant BEGIN = Instant.parse("2026-11-22T10:00:00Z");

    @Test
    void knowsWhatEachUserUsedInTruth() {
        UsageTrace trace = new UsageTrace(1, 20, BEGIN, 7);
        Map<String, Long> lastOfAllocation = new HashMap<>();
        Map<String, String> userOfAllocation = new HashMap<>();
        for (UsageTrace.Event event : take(trace, 5_000)) {
            if (event.value() instanceof UsageSnapshot snapshot) {
                lastOfAllocation.merge(event.key(),
                        snapshot.getClientToRelay().getWireBytes() + snapshot.getRelayToClient().getWireBytes(),
                        Math::max);
                userOfAllocation.put(event.key(), new UserKey(snapshot.getHeader().getTenantId(),
                        snapshot.getHeader().getUserId()).text());
            }
        }
        Map<String, Long> users = new HashMap<>();
        lastOfAllocation
                .forEach((allocation, bytes) -> users.merge(userOfAllocation.get(allocation), bytes, Long::sum));

        assertThat(users).isNotEmpty();
        trace.truth().forEach((user, counters) -> assertThat(users).containsEntry(user,
                UsageTrace.billableBytes(counters)));
    }

    @Test
    void isTheSameForTheSameSeed() {
        assertThat(take(new UsageTrace(3, 10, BEGIN, 7), 1_000)).isEqualTo(take(new UsageTrace(3, 10, BEGIN, 7), 1_000))
                .isNotEqualTo(take(new UsageTrace(4, 10, BEGIN, 7), 1_000));
    }

    @Test
    void advancesAtThePaceAtWhichItsAllocationsReport() {
        UsageTrace trace = new UsageTrace(1, 10, BEGIN, 7);
        take(trace, 20);
        assertThat(trace.now()).isEqualTo(BEGIN.plus(Duration.ofSeconds(10)));
    }

    private static List<UsageTrace.Event> take(UsageTrace trace, int records) {
        List<UsageTrace.Event> events = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            events.add(trace.next());
        }
        return events;
    }
}
