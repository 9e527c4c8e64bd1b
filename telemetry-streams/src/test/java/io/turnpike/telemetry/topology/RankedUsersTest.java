package io.turnpike.telemetry.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.telemetry.cluster.HerePartitions;
import io.turnpike.telemetry.query.DirectionUsage;
import io.turnpike.telemetry.query.PartitionStores;
import io.turnpike.telemetry.query.Step;
import io.turnpike.telemetry.query.StoredUsage;
import io.turnpike.telemetry.query.TimeRange;
import io.turnpike.telemetry.query.Usage;
import io.turnpike.telemetry.query.UserPage;
import io.turnpike.telemetry.query.UserSort;
import io.turnpike.telemetry.query.UserUsage;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.UserTotals;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.junit.jupiter.api.Test;

/** Users are in the same order, with the same sums, whether they are found in the totals or all of them are read. */
class RankedUsersTest extends StreamTest {
    private static final int USERS = 30;
    private final Random random = new Random(5);
    private final long[] bytes = new long[3_000];
    private Runnable beforeEachRead = () -> {};

    private UserTotals totals() {
        return (UserTotals) stream.stores().get(Stores.USAGE_TOTALS);
    }

    private StoredUsage usage(boolean byTotals) {
        return new StoredUsage(new HerePartitions(1, partition -> new PartitionStores() {
            @Override
            @SuppressWarnings("unchecked")
            public <K, V> ReadOnlyKeyValueStore<K, V> open(String store) {
                ReadOnlyKeyValueStore<K, V> rows = (ReadOnlyKeyValueStore<K, V>) stream.store(store);
                return (ReadOnlyKeyValueStore<K, V>) Proxy.newProxyInstance(getClass().getClassLoader(),
                        new Class<?>[]{ReadOnlyKeyValueStore.class}, (proxy, method, arguments) -> {
                            beforeEachRead.run();
                            return method.invoke(rows, arguments);
                        });
            }

            @Override
            public Optional<UserTotals> totals() {
                return byTotals ? Optional.of(RankedUsersTest.this.totals()) : Optional.empty();
            }
        }));
    }

    /** A snapshot of everybody at a time; some are equal, some come late. */
    private void everybody(Instant at) {
        for (int user = 0; user < USERS; user++) {
            use(user, at.minusSeconds(random.nextInt(10) == 0 ? 7_200 : 0), 1_000 * random.nextInt(4));
        }
    }

    private void use(int user, Instant at, long more) {
        bytes[user] += more;
        send(node.snapshot(user, at.minusSeconds(50), at, "acme", "user-" + user, bytes[user]));
    }

    private List<UserUsage> pages(boolean byTotals, TimeRange range, Step step, UserSort sort, int limit) {
        StoredUsage usage = usage(byTotals);
        List<UserUsage> users = new ArrayList<>();
        Optional<UserPage.After> after = Optional.empty();
        do {
            UserPage page = usage.users("acme", range, step, sort, limit, after).value();
            users.addAll(page.users());
            after = page.next();
        } while (after.isPresent());
        return users;
    }

    private boolean isKnown(TimeRange range) {
        return totals().show("acme", range.from(), range.to(), (user, sum) -> {});
    }

    private void assertSameOrders(TimeRange range, Step step) {
        assertThat(isKnown(range)).isTrue();
        for (UserSort sort : UserSort.values()) {
            List<UserUsage> all = pages(false, range, step, sort, 1_000);
            assertThat(all).isSortedAccordingTo(sort.order());
            assertThat(pages(true, range, step, sort, 1_000)).isEqualTo(all);
            assertThat(pages(true, range, step, sort, 7)).isEqualTo(all);
        }
    }

    private static TimeRange hours(Instant from, int hours) {
        return new TimeRange(from, from.plus(Duration.ofHours(hours)));
    }

    @Test
    void inEveryOrderPageByPageOverHoursAndDaysWithTiesAndLateUsage() {
        for (int hour = 0; hour < 60; hour++) {
            everybody(stream.now());
            if (hour % 7 == 0) {
                use(0, stream.now().minus(Duration.ofHours(20)), 10_000); // a spool that is replayed
            }
            stream.advance(Duration.ofMinutes(57));
        }
        stream.flush();
        Instant day = Instant.parse("2026-11-23T00:00:00Z");

        for (int from = -3; from < 60; from += 21) {
            assertSameOrders(hours(START.plus(Duration.ofHours(from)), 2), Step.HOUR);
            assertSameOrders(hours(START.plus(Duration.ofHours(from)), 48), Step.HOUR);
        }
        assertSameOrders(hours(day, 24), Step.DAY);
        assertSameOrders(hours(day.minus(Duration.ofDays(1)), 96), Step.DAY);
        TimeRange last = hours(day.plus(Duration.ofHours(18)), 2);
        assertThat(pages(true, last, Step.HOUR, UserSort.BYTES_DESCENDING, 1_000)).hasSizeGreaterThan(10)
                .satisfies(users -> assertThat(users.stream().map(UserUsage::billableBytes).distinct().count())
                        .as("some are equal").isLessThan(users.size()));
        TimeRange minutes = new TimeRange(last.from().plusSeconds(60), last.to());
        assertThat(isKnown(minutes)).isFalse();
        assertThat(pages(true, minutes, Step.MINUTE, UserSort.USER, 7))
                .isEqualTo(pages(false, minutes, Step.MINUTE, UserSort.USER, 1_000)).isNotEmpty();
    }

    @Test
    void aPageIsInTheOrderOfTheSumsItShowsAndSkipsNobodyWhileUsageArrives() {
        everybody(stream.now());
        stream.flush();
        Instant at = stream.now();
        TimeRange day = hours(Instant.parse("2026-11-22T00:00:00Z"), 24);
        for (UserSort sort : UserSort.values()) {
            List<UserUsage> before = pages(true, day, Step.DAY, sort, 1_000);
            beforeEachRead = () -> {
                if (random.nextInt(3) == 0) {
                    use(random.nextInt(USERS), at, 100 * random.nextInt(100));
                }
            };
            UserPage page = usage(true).users("acme", day, Step.DAY, sort, 7, Optional.empty()).value();
            beforeEachRead = () -> {};
            assertThat(page.users()).isSortedAccordingTo(sort.order()).hasSize(7);
            List<UserUsage> after = pages(true, day, Step.DAY, sort, 1_000);
            UserPage.After end = page.next().orElseThrow();
            for (int i = 0; i < before.size(); i++) {
                String user = before.get(i).user();
                long least = before.get(i).billableBytes();
                long most = after.stream().filter(each -> each.user().equals(user)).findFirst().orElseThrow()
                        .billableBytes();
                Optional<UserUsage> shown = page.users().stream().filter(each -> each.user().equals(user)).findFirst();
                if (shown.isPresent()) {
                    assertThat(shown.get().billableBytes()).isBetween(least, most);
                } else {
                    assertThat(List.of(least, most)).as("not shown, so behind the page at some time")
                            .anyMatch(sum -> sort.order().compare(billed(user, sum), billed(end.user(),
                                    end.billableBytes())) > 0);
                }
            }
        }
    }

    private static UserUsage billed(String user, long sum) {
        return new UserUsage(user, new Usage(DirectionUsage.ZERO, DirectionUsage.ZERO, DirectionUsage.ZERO,
                DirectionUsage.ZERO, sum));
    }

    @Test
    void areReadBackAfterAStartWhileUsageGoesOn() {
        for (int user = 0; user < 1_200; user++) {
            use(user, stream.now(), 1_000 + user);
        }
        stream.flush();
        TimeRange hour = hours(START.minus(Duration.ofHours(1)), 2);
        assertSameOrders(hour, Step.HOUR);

        totals().begin(stream.now().toEpochMilli());
        for (int rounds = 0; rounds < 6; rounds++) {
            assertThat(isKnown(hour)).isFalse();
            assertThat(pages(true, hour, Step.HOUR, UserSort.BYTES_DESCENDING, 1_000)).as("meanwhile")
                    .isEqualTo(pages(false, hour, Step.HOUR, UserSort.BYTES_DESCENDING, 1_000)).isNotEmpty();
            for (int user = rounds; user < 1_300; user += 13) {
                use(user, stream.now(), 500);
            }
            stream.advance(TotalsFill.INTERVAL);
        }
        stream.flush();
        stream.flush();
        assertSameOrders(hour, Step.HOUR);
        assertThat(pages(true, hour, Step.HOUR, UserSort.USER, 100)).hasSizeGreaterThan(1_200);
    }

    @Test
    void whatIsTooOldForTheTotalsIsReadFromTheStores() {
        everybody(stream.now());
        stream.advance(Duration.ofDays(20));
        stream.advance(Duration.ofHours(2));
        TimeRange hour = hours(START.minus(Duration.ofHours(1)), 1);

        assertThat(isKnown(hour)).isFalse();
        assertThat(pages(true, hour, Step.HOUR, UserSort.USER, 7))
                .isEqualTo(pages(false, hour, Step.HOUR, UserSort.USER, 1_000)).isNotEmpty();
        assertSameOrders(hours(Instant.parse("2026-11-22T00:00:00Z"), 24), Step.DAY);

        stream.advance(Bucket.DAY.retention());
        assertThat(totals().isComplete()).isTrue();
        TimeRange now = hours(Step.DAY.floor(stream.now()), 24);
        assertSameOrders(now, Step.DAY);
        assertThat(pages(true, now, Step.DAY, UserSort.USER, 7)).isEmpty();
    }
}
