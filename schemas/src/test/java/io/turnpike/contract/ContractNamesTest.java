package io.turnpike.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContractNamesTest {
    @Test
    void topicNamesAreUnique() {
        assertThat(Arrays.stream(Topic.values()).map(Topic::topicName)).doesNotHaveDuplicates()
                .allMatch(name -> name.startsWith("turnpike."));
    }

    @Test
    void topicsThatAreReadTogetherHaveEqualPartitions() {
        for (Topic.Keyed keyed : EnumSet.of(Topic.Keyed.BY_ALLOCATION, Topic.Keyed.BY_TENANT)) {
            assertThat(Arrays.stream(Topic.values()).filter(topic -> topic.keyed() == keyed).map(Topic::partitions)
                    .distinct()).as(keyed.name()).hasSize(1);
            assertThat(Arrays.stream(Topic.values()).filter(topic -> topic.keyed() == keyed)
                    .map(topic -> topic.partitions(4)).distinct()).as(keyed.name()).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource(Topic.class)
    void theBrokersClockStampsEveryTopic(Topic topic) {
        assertThat(topic.settings()).containsEntry("message.timestamp.type", "LogAppendTime");
    }

    @ParameterizedTest
    @EnumSource(value = Topic.class, names = {"TENANT", "QUOTA_POLICY", "REVOCATION", "WEBHOOK",
        "WEBHOOK_PROGRESS"})
    void controlStateIsNeverDeletedByAge(Topic topic) {
        assertThat(topic.settings()).containsEntry("cleanup.policy", "compact").doesNotContainKey("retention.ms");
    }

    @Test
    void grantsOutliveTheLongestPeriod() {
        assertThat(Long.parseLong(Topic.QUOTA_GRANT.settings().get("retention.ms")))
                .isGreaterThan(Duration.ofDays(2 * 31).toMillis());
    }

    @Test
    void aTopicNeedsAPartition() {
        assertThatThrownBy(() -> Topic.NODE.partitions(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void accountKeysKeepAnyUser() {
        QuotaAccountKey key = new QuotaAccountKey("acme", "2026-11", "relay-1", 7, -1L, "a|b|c");

        assertThat(key.text()).isEqualTo("acme|2026-11|relay-1|7|ffffffffffffffff|a|b|c");
        assertThat(QuotaAccountKey.parse(key.text())).isEqualTo(key);
        assertThatThrownBy(() -> QuotaAccountKey.parse("acme|2026-11")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shareKeysKeepAnyUser() {
        QuotaShareKey key = new QuotaShareKey("acme", "relay-1", 7, -1L, "a|b|c");

        assertThat(key.text()).isEqualTo("acme|relay-1|7|ffffffffffffffff|a|b|c");
        assertThat(QuotaShareKey.parse(key.text())).isEqualTo(key);
        assertThat(key.of("")).isEqualTo(QuotaShareKey.parse("acme|relay-1|7|ffffffffffffffff|"));
        assertThatThrownBy(() -> QuotaShareKey.parse("acme|relay-1")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void sharesOutliveEveryLease() {
        assertThat(Long.parseLong(Topic.QUOTA_SHARE.settings().get("retention.ms")))
                .isGreaterThan(10 * Duration.ofSeconds(60).toMillis());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "acme", "0", "a-b-c", "demo2"})
    void acceptsTenantIds(String id) {
        assertThat(TenantName.isTenantId(id)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "A", "a_b", "a.b", "a b", "ä", "a|b"})
    void refusesOtherTenantIds(String id) {
        assertThat(TenantName.isTenantId(id)).isFalse();
        assertThat(TenantName.isTenantId("a".repeat(64))).isFalse();
    }

    @Test
    void aUserIsShortAndPrintable() {
        assertThat(TenantName.isUserId("マ".repeat(42))).isTrue();
        assertThat(TenantName.isUserId("マ".repeat(43))).isFalse();
        assertThat(TenantName.isUserId("a\tb")).isFalse();
        assertThat(TenantName.isUserId("")).isFalse();
    }
}
