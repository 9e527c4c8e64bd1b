package io.turnpike.ctl;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ctl revoke}: takes a user's credentials back. */
@Command(name = "revoke", description = "Revoke the credentials that a user has so far; its calls end. New ones work.")
final class RevokeCommand implements Runnable {

    @Mixin
    private Session session;

    @Parameters(index = "0", paramLabel = "TENANT")
    private String tenant;

    @Parameters(index = "1", paramLabel = "USER")
    private String user;

    @Override
    public void run() {
        session.api().delete(Path.of("tenants", tenant, "credentials", user));
        session.done("revoked the credentials of " + Table.text(user));
    }
}
