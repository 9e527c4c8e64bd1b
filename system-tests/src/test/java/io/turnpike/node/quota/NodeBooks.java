package io.turnpike.node.quota;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A look into the books of one tenant in a {@link QuotaTable}; changes nothing. */
public final class NodeBooks {
    private static final Hidden TENANTS = Hidden.of(QuotaTable.class, "tenants");
    private static final Hidden BOOK = Hidden.of(ScopedQuota.class, "book");
    private static final Hidden USERS = Hidden.of(UserQuotas.class, "users");
    private static final Hidden LEAVING = Hidden.of(UserQuotas.class, "leaving");

    private final QuotaTable table;
    private final String tenantId;

    /** The books of a tenant. */
    public NodeBooks(QuotaTable table, String tenantId) {
        this.table = table;
        this.tenantId = tenantId;
    }

    /**
     * One account as the node sees it.
     *
     * @param id tells the account from every other of its process
     * @param periodId period, empty until a grant has named it
     * @param grantSeq newest grant that was accepted
     * @param capBytes most that may be drawn
     * @param drawnBytes U
     * @param spentBytes forwarded, by the node's books
     * @param unspentBytes credit that is not drawn
     * @param liftedBytes what was drawn, or may be, beyond grants
     * @param unacknowledged whether its final report waits for an answer
     */
    public record Entry(Object id, String periodId, long grantSeq, long capBytes, long drawnBytes, long spentBytes,
            long unspentBytes, long liftedBytes, boolean unacknowledged) {}

    /**
     * What a debit meets now.
     *
     * @param id of the account
     * @param periodId period of the account
     * @param bound whether debits need credit
     */
    public record Position(Object id, String periodId, boolean bound) {}

    /** What a debit would meet now. */
    public Position position() {
        ScopedQuota tenant = tenant();
        if (tenant == null) {
            return new Position("", "", false);
        }
        Footing.Standing standing = tenant.standing();
        return new Position(standing.account(), periodOf(standing.account()), standing.bound());
    }

    /** All accounts that are not forgotten, the current one first. */
    public List<Entry> entries() {
        ScopedQuota tenant = tenant();
        if (tenant == null) {
            return List.of();
        }
        return entriesOf(tenant);
    }

    private static List<Entry> entriesOf(ScopedQuota quota) {
        AccountBook book = (AccountBook) BOOK.in(quota);
        List<Entry> entries = new ArrayList<>();
        entries.add(entry(book.current(), false));
        if (book.next() != null) {
            entries.add(entry(book.next(), false));
        }
        book.parked().forEach(account -> entries.add(entry(account, false)));
        book.closed().unsettled().forEach(account -> entries.add(entry(account, true)));
        return entries;
    }

    /**
     * One account of a user as the node sees it.
     *
     * @param opening number of its opening
     * @param closed whether the opening gives nothing any more
     */
    public record UserEntry(String userId, long opening, boolean closed, Entry entry) {}

    /** What a debit of a user would meet now beside the tenant's; null where users are not counted. */
    public Position position(String userId) {
        ScopedQuota tenant = tenant();
        if (tenant == null || !tenant.standing().perUser()) {
            return null;
        }
        ScopedQuota user = (ScopedQuota) ((Map<?, ?>) USERS.in(tenant.users())).get(userId);
        if (user == null) {
            return null;
        }
        Footing.Standing standing = user.standing();
        return new Position(standing.account(), periodOf(standing.account()), standing.bound());
    }

    /** All accounts of users that are not forgotten. */
    public List<UserEntry> userEntries() {
        ScopedQuota tenant = tenant();
        List<UserEntry> entries = new ArrayList<>();
        if (tenant != null) {
            for (Hidden field : List.of(USERS, LEAVING)) {
                ((Map<?, ?>) field.in(tenant.users())).forEach((userId, found) -> {
                    ScopedQuota user = (ScopedQuota) found;
                    entriesOf(user).forEach(entry -> entries
                            .add(new UserEntry((String) userId, user.opening(), user.isClosed(), entry)));
                });
            }
        }
        return entries;
    }

    private ScopedQuota tenant() {
        return (ScopedQuota) ((Map<?, ?>) TENANTS.in(table)).get(tenantId);
    }

    private static Entry entry(Account account, boolean unacknowledged) {
        return new Entry(account, periodOf(account), account.grantSeq(),
                account.drawnBytes() + account.unspentBytes(), account.drawnBytes(),
                account.spentBytes(), account.unspentBytes(), account.credit().liftedBytes(), unacknowledged);
    }

    private static String periodOf(Account account) {
        return account.period() == null ? "" : account.period().id();
    }
}
