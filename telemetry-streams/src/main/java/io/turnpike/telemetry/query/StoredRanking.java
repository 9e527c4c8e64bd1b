package io.turnpike.telemetry.query;

import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.UserTotals;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * The users of a tenant in an order. Who they are is found in {@link UserTotals}, and only what is shown of them is read from
 * the stores; where the totals do not have the range, all users are added up from the stores.
 */
final class StoredRanking {
    private static final ByteArraySerializer BYTES = new ByteArraySerializer();
    /** Some sixty megabytes at most. */
    private static final int MOST_RANKED_USERS = 200_000;

    private final Rankings rankings = new Rankings(MOST_RANKED_USERS, System::nanoTime);
    private final Question<UsersOf, Users> users;

    private record UsersOf(String tenantId, TimeRange range, Step step, UserSort sort, int most,
            Optional<UserPage.After> after) {}

    /** @param asOf up to when the stores had counted if this was read earlier */
    private record Users(List<UserUsage> users, Optional<Instant> asOf) {}

    /** A view of a ranking that many may look at. */
    private record View(int partition, String tenantId, TimeRange range, Step step) {}

    /** Reads what a user used in the range of the question. */
    @FunctionalInterface
    private interface Reader {
        Usage usage(byte[] user);
    }

    StoredRanking(Partitions partitions) {
        users = partitions.serveScan("users", StoreGroup.USERS, UsersOf.class, Users.class, this::users);
    }

    Answer<UserPage> users(String tenantId, TimeRange range, Step step, UserSort sort, int limit,
            Optional<UserPage.After> after) {
        Answer<List<Users>> parts = users.ofAll(new UsersOf(tenantId, range, step, sort, limit + 1, after));
        Answer<UserPage> page = parts.map(each -> page(each.stream().flatMap(part -> part.users().stream())
                .sorted(sort.order()).limit(limit + 1L).toList(), limit));
        return parts.value().stream().map(Users::asOf).flatMap(Optional::stream).min(Comparator.naturalOrder())
                .map(page::noNewerThan).orElse(page);
    }

    private static UserPage page(List<UserUsage> users, int limit) {
        if (users.size() <= limit) {
            return new UserPage(users, Optional.empty());
        }
        UserUsage last = users.get(limit - 1);
        return new UserPage(users.subList(0, limit),
                Optional.of(new UserPage.After(last.billableBytes(), last.user())));
    }

    private Users users(UsersOf question, PartitionStores stores) {
        ReadOnlyKeyValueStore<byte[], byte[]> users = stores.open(Stores.USERS); // says if the partition is not here
        Reader reader = reader(question, stores);
        Optional<List<UserUsage>> known = stores.totals().flatMap(totals -> byTotals(question, totals, reader));
        if (known.isPresent()) {
            return new Users(known.get(), Optional.empty());
        }
        Optional<Instant> asOf = stores.ownerAsOf();
        if (asOf.isEmpty()) {
            return new Users(first(question, all(question, users, reader)), Optional.empty());
        }
        View view = new View(stores.partition(), question.tenantId(), question.range(), question.step());
        Rankings.Ranking ranking = rankings.get(view, () -> {
            Rankings.Ranking made = new Rankings.Ranking(asOf.get(), all(question, users, reader));
            stores.confirm();
            return made;
        });
        return new Users(first(question, ranking.users()), Optional.of(ranking.asOf()));
    }

    private static Reader reader(UsersOf question, PartitionStores stores) {
        StoredBuckets buckets = StoredBuckets.ofUsers(stores, StoredUsage.bucket(question.step()));
        return user -> StoredUsage.sum(buckets, user, question.range());
    }

    /**
     * The first users, or empty if the totals do not have the range. Usage grows meanwhile: the order is that of what was read
     * of those who are shown, and of the totals for everybody else.
     */
    private static Optional<List<UserUsage>> byTotals(UsersOf question, UserTotals totals, Reader reader) {
        Map<String, UserUsage> read = new HashMap<>();
        while (true) {
            FirstUsers first = new FirstUsers(question.sort(), question.most(), question.after());
            boolean isKnown = totals.show(question.tenantId(), question.range().from(), question.range().to(),
                    (user, bytes) -> {
                        UserUsage known = read.get(user);
                        if (known != null) {
                            first.offer(known);
                        } else if (first.takes(user, bytes)) {
                            first.offer(billed(user, bytes));
                        }
                    });
            if (!isKnown) {
                return Optional.empty();
            }
            List<UserUsage> shown = first.list();
            boolean isAsRead = true;
            for (UserUsage each : shown) {
                if (!read.containsKey(each.user())) {
                    Usage usage = reader.usage(StoreKey.user(question.tenantId(), each.user()));
                    read.put(each.user(), new UserUsage(each.user(), usage));
                    isAsRead &= usage.billableBytes() == each.billableBytes();
                }
            }
            if (isAsRead) {
                return Optional.of(shown.stream().map(each -> read.get(each.user())).toList());
            }
        }
    }

    private static UserUsage billed(String user, long bytes) {
        return new UserUsage(user, new Usage(DirectionUsage.ZERO, DirectionUsage.ZERO, DirectionUsage.ZERO,
                DirectionUsage.ZERO, bytes));
    }

    private static List<UserUsage> first(UsersOf question, List<UserUsage> all) {
        FirstUsers first = new FirstUsers(question.sort(), question.most(), question.after());
        all.forEach(first::offer);
        return first.list();
    }

    /** All users that used anything. */
    private static List<UserUsage> all(UsersOf question, ReadOnlyKeyValueStore<byte[], byte[]> users, Reader reader) {
        return keys(users, question.tenantId()).stream()
                .map(user -> new UserUsage(StoreKey.userOf(user), reader.usage(user)))
                .filter(user -> !user.usage().equals(Usage.ZERO)).toList();
    }

    private static List<byte[]> keys(ReadOnlyKeyValueStore<byte[], byte[]> users, String tenantId) {
        List<byte[]> keys = new ArrayList<>();
        try (KeyValueIterator<byte[], byte[]> ofTenant = users.prefixScan(StoreKey.tenant(tenantId), BYTES)) {
            ofTenant.forEachRemaining(entry -> keys.add(entry.key));
        }
        return keys;
    }
}
