package io.turnpike.telemetry.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.telemetry.ledger.ControlHistory.Decided;
import io.turnpike.telemetry.store.LedgerStores;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AuditHistoryTest {
    private static final int ALL = LedgerStores.AUDITS_PER_TENANT;
    private static final int ALL_OF_USERS = LedgerStores.USER_AUDITS_PER_TENANT;

    private final LedgerDriver ledger = new LedgerDriver(partition -> Decided.NOTHING);
    private KeyValueStore<String, QuotaAudit> store;

    private AuditHistory history() {
        if (store == null) {
            ledger.submit(LedgerDriver.putTenant()); // a store takes writes within a record
            store = ledger.driver.getKeyValueStore(LedgerStores.AUDITS);
            LedgerStores.each(store, LedgerStores.prefix("acme"), (key, audit) -> store.delete(key));
        }
        return new AuditHistory(store);
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    @Test
    void usersDoNotCrowdOutTheirTenant() {
        AuditHistory history = history();
        history.keep(audit("", 1, LedgerDriver.START));
        for (long version = 2; version < ALL_OF_USERS + 12; version++) {
            history.keep(audit("al", version, LedgerDriver.START));
        }
        assertThat(history.ofTenant("acme")).extracting(QuotaAudit::getVersion).containsExactly(1L);
        assertThat(versions(LedgerStores.usersAudits("acme")))
                .containsExactlyElementsOf(LongStream.range(12, ALL_OF_USERS + 12).boxed().toList());
    }

    @Test
    void aTaskThatBeginsAnewGoesOnBehindTheLastOfThemAndForgetsTheFirst() {
        for (long version = 1; version <= ALL; version++) {
            history().keep(audit("", version, LedgerDriver.START));
        }
        history().keep(audit("", ALL + 1, LedgerDriver.START.minusSeconds(3_600)));
        history().keep(audit("", ALL + 2, LedgerDriver.START.plusSeconds(1)));
        assertThat(versions(LedgerStores.prefix("acme")))
                .containsExactlyElementsOf(LongStream.rangeClosed(3, ALL + 2).boxed().toList());
    }

    @Test
    void whatComesInAnyNumberWhileTheClockIsBehindIsKeptInItsOrder() {
        history().keep(audit("", 1, LedgerDriver.START));
        LedgerStores.each(store, LedgerStores.prefix("acme"), (key, first) -> {
            store.delete(key);
            store.put(key.replaceFirst("000000$", "999999"), first);
        });
        AuditHistory history = history();
        for (long version = 2; version <= 4; version++) {
            history.keep(audit("", version, LedgerDriver.START.minusSeconds(1)));
        }
        assertThat(versions(LedgerStores.prefix("acme"))).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void tenantsAreApart() {
        AuditHistory history = history();
        history.keep(audit("", 1, LedgerDriver.START));
        history.keep(QuotaAudit.newBuilder(audit("", 2, LedgerDriver.START)).setTenantId("acme2").build());
        assertThat(history.ofTenant("acme")).extracting(QuotaAudit::getVersion).containsExactly(1L);
        assertThat(history.ofTenant("acme2")).extracting(QuotaAudit::getVersion).containsExactly(2L);
    }

    private List<Long> versions(String prefix) {
        List<Long> versions = new ArrayList<>();
        LedgerStores.each(store, prefix, (key, audit) -> versions.add(audit.getVersion()));
        return versions;
    }

    private static QuotaAudit audit(String user, long version, Instant at) {
        return QuotaAudit.newBuilder().setTenantId("acme").setUserId(user).setOccurredAt(at)
                .setKind(AuditKind.STATE_CHANGED).setVersion(version).setFromState(QuotaState.OPEN)
                .setToState(QuotaState.WARN).build();
    }
}
