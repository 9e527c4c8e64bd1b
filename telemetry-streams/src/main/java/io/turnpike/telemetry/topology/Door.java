package io.turnpike.telemetry.topology;

import io.turnpike.contract.TenantName;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.control.v1.WebhookCommand;
import io.turnpike.events.v1.EventHeader;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.telemetry.ops.PoisonRecord;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a record must fulfil before a step takes it. Without it one broken writer could give a subject a second state on
 * another partition, a key that cannot be read back, or a row that no longer fits into a record of Kafka: each would hurt
 * others or stop the stream again and again, and a record that is put aside does neither.
 */
final class Door {
    /** Longest allocation id: the longest node id, two numbers and the hyphens between them. */
    static final int LONGEST_ALLOCATION_ID = 128;
    /** Reasons for drops that one record may name; they form a closed set far below it. */
    static final int MOST_DROP_REASONS = 64;
    /** Attempts that one event may stand for: a second of a flood on one node. */
    static final long MOST_SAMPLED_OUT = 1_000_000_000;

    private static final Pattern NODE_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final int LONGEST_DROP_REASON = 64;
    private static final int MOST_STATUS_BYTES = 256 * 1024;
    private static final int LONGEST_COMMAND_ID = 64;
    private static final int LONGEST_ACTOR = 1_024;
    private static final int LONGEST_TEXT = 1_024;
    private static final int HIGHEST_ERROR_CODE = 699;

    private Door() {}

    /** The record is on the partition on which all others of its subject are. */
    static void checkKey(String key, String subject, String field) {
        if (!subject.equals(key)) {
            throw new PoisonRecord("the record's key is not its " + field);
        }
    }

    static void checkNode(EventHeader header) {
        if (!NODE_ID.matcher(header.getNodeId()).matches()) {
            throw new PoisonRecord("header.nodeId is no node id");
        }
        if (header.getNodeEpoch() < 0 || header.getNodeEpoch() == Long.MAX_VALUE) {
            throw new PoisonRecord("header.nodeEpoch is out of range");
        }
    }

    static void checkAllocation(String key, String allocationId) {
        if (allocationId.isEmpty() || allocationId.length() > LONGEST_ALLOCATION_ID) {
            throw new PoisonRecord("allocationId is empty or too long");
        }
        checkKey(key, allocationId, "allocationId");
    }

    static void checkUsage(String key, TenantNodeUsage usage) {
        EventHeader header = usage.getHeader();
        checkTenant(key, header.getTenantId(), "header.tenantId");
        checkNode(header);
        usage.getAccounts().forEach(account -> {
            if (account.getNodeEpoch() < 0) {
                throw new PoisonRecord("accounts.nodeEpoch is out of range");
            }
        });
    }

    static void checkCommand(String key, TenantCommand command) {
        checkCommand(key, command.getTenantId(), command.getCommandId(), command.getActor());
    }

    static void checkCommand(String key, WebhookCommand command) {
        checkCommand(key, command.getTenantId(), command.getCommandId(), command.getActor());
    }

    /** A command of no tenant cannot be answered in anybody's history. */
    private static void checkCommand(String key, String tenantId, String commandId, String actor) {
        checkTenant(key, tenantId, "tenantId");
        if (commandId.isEmpty() || commandId.length() > LONGEST_COMMAND_ID) {
            throw new PoisonRecord("commandId is empty or too long");
        }
        if (actor.length() > LONGEST_ACTOR) {
            throw new PoisonRecord("actor is too long");
        }
    }

    static void checkDropped(Map<String, Long> packets) {
        if (packets.size() > MOST_DROP_REASONS || packets.entrySet().stream().anyMatch(
                drop -> drop.getKey().length() > LONGEST_DROP_REASON || drop.getValue() < 0)) {
            throw new PoisonRecord("droppedPackets has too many or too long reasons, or a negative count");
        }
    }

    /** It is kept whole in the store, and must fit into a record of the store's changelog. */
    static void checkStatus(byte[] encoded) {
        if (encoded.length > MOST_STATUS_BYTES) {
            throw new PoisonRecord("the node's status is too large");
        }
    }

    static void checkErrorCode(int code) {
        if (code < 0 || code > HIGHEST_ERROR_CODE) {
            throw new PoisonRecord("errorCode is none of STUN");
        }
    }

    static void checkText(String text, String field) {
        if (text.length() > LONGEST_TEXT) {
            throw new PoisonRecord(field + " is too long");
        }
    }

    private static void checkTenant(String key, String tenantId, String field) {
        if (!TenantName.isTenantId(tenantId)) {
            throw new PoisonRecord(field + " is no tenant id");
        }
        checkKey(key, tenantId, field);
    }
}
