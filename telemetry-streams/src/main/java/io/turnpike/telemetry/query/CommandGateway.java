package io.turnpike.telemetry.query;

import io.turnpike.control.v1.TenantCommand;
import io.turnpike.control.v1.WebhookCommand;
import java.util.concurrent.CompletionStage;

/** The one door for writes: hands a command to the ledger and brings back what it decided. Never blocks. */
public interface CommandGateway {
    /**
     * Submits a command. When the stage completes, this instance's {@link TenantQueries} show the decision.
     *
     * @return the ledger's decision; fails with {@link StoreUnavailable} if none arrived in time, and then the command
     *         may still be carried out
     */
    CompletionStage<CommandOutcome> submit(TenantCommand command);

    /** Submits a command about a webhook, as {@link #submit(TenantCommand)} does. */
    CompletionStage<CommandOutcome> submit(WebhookCommand command);
}
