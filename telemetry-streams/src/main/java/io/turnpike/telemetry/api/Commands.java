package io.turnpike.telemetry.api;

import com.linecorp.armeria.common.HttpHeaderNames;
import io.turnpike.contract.RecordCodec;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.control.v1.WebhookCommand;
import io.turnpike.telemetry.query.CommandGateway;
import io.turnpike.telemetry.query.CommandOutcome;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sends a write to the ledger and waits for its decision; a refusal becomes a {@link Problem}. */
final class Commands {
    static {
        RecordCodec.prepareAvro(); // a builder asks Avro's class filter for its defaults
    }

    private static final Pattern STRONG_ETAG = Pattern.compile("\"([0-9]{1,18})\"");
    private static final Duration RETRY = Duration.ofSeconds(2);

    private final CommandGateway gateway;
    private final Duration timeout;

    Commands(CommandGateway gateway, Duration timeout) {
        this.gateway = gateway;
        this.timeout = timeout;
    }

    /**
     * Submits an action.
     *
     * @param action one of the actions of {@link TenantCommand}
     * @throws Problem if the ledger refuses it, or no decision arrives in time
     */
    CommandOutcome.Applied apply(Call call, Object action) {
        TenantCommand command = TenantCommand.newBuilder().setCommandId(UUID.randomUUID().toString())
                .setTenantId(call.tenant()).setActor(call.caller().name()).setIssuedAt(call.now())
                .setIfMatch(ifMatch(call).orElse(null)).setAction(action).build();
        return applied(await(gateway.submit(command)));
    }

    /**
     * Submits a command about a webhook, whose name, action and what that needs are set; the rest, its id among it, is set here.
     *
     * @throws Problem if the ledger refuses it, or no decision arrives in time
     */
    CommandOutcome.Applied apply(Call call, WebhookCommand.Builder command) {
        return applied(await(gateway.submit(command.setCommandId(UUID.randomUUID().toString())
                .setTenantId(call.tenant()).setActor(call.caller().name()).setIssuedAt(call.now())
                .setIfMatch(ifMatch(call).orElse(null)).build())));
    }

    private static CommandOutcome.Applied applied(CommandOutcome outcome) {
        if (outcome instanceof CommandOutcome.Applied applied) {
            return applied;
        }
        if (outcome instanceof CommandOutcome.PreconditionFailed failed) {
            throw Problem.of(Problem.Kind.PRECONDITION_FAILED, "the resource is at version " + failed.version())
                    .with(HttpHeaderNames.ETAG, '"' + Long.toString(failed.version()) + '"');
        }
        if (outcome instanceof CommandOutcome.Invalid invalid) {
            throw Problem.body(invalid.field(), invalid.reason());
        }
        throw Problem.of(Problem.Kind.NOT_FOUND, ((CommandOutcome.Missing) outcome).reason());
    }

    private CommandOutcome await(CompletionStage<CommandOutcome> decision) {
        try {
            return decision.toCompletableFuture().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw Problem.unavailable("no decision on the write arrived within " + timeout.toMillis()
                    + " ms; it may still be carried out, so read before you repeat it", RETRY);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new CompletionException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problem.unavailable("the server is stopping", RETRY);
        }
    }

    /** The version that the writer has seen: If-Match names one, {@code If-None-Match: *} says that there was none. */
    private static Optional<Long> ifMatch(Call call) {
        String match = call.headers().get(HttpHeaderNames.IF_MATCH);
        String noneMatch = call.headers().get(HttpHeaderNames.IF_NONE_MATCH);
        if (noneMatch != null) {
            if (!noneMatch.strip().equals("*") || match != null) {
                throw Problem.parameter("If-None-Match", "only * is understood, and only without If-Match");
            }
            return Optional.of(0L);
        }
        if (match == null) {
            return Optional.empty();
        }
        Matcher etag = STRONG_ETAG.matcher(match.strip());
        if (!etag.matches()) {
            throw Problem.parameter("If-Match", "must be one ETag as a GET answered it, such as \"3\"");
        }
        return Optional.of(Long.parseLong(etag.group(1)));
    }
}
