package io.turnpike.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code usage}, {@code users}, {@code allocations} and {@code connectivity}: what was relayed, and how it came out. */
class UsageCommandsTest extends CommandTest {

    @ParameterizedTest
    @CsvSource({"'usage', /v1/cluster/usage", "'usage --node n1', /v1/nodes/n1/usage",
        "'usage acme', /v1/tenants/acme/usage",
        "'usage acme al', /v1/tenants/acme/users/al/usage",
        "'usage acme a/l%, --step 1h', /v1/tenants/acme/users/a%2Fl%25%2C/usage?step=1h"})
    void asksForUsageOfClusterNodeTenantOrUser(String command, String path) {
        api.on("GET " + path, 200, "{'points':[{'start':'2026-11-22T00:00:00Z','clientToRelay':{'wireBytes':104,"
                + "'payloadBytes':100,'packets':1},'relayToClient':{'wireBytes':208,'payloadBytes':200,'packets':2},"
                + "'billableBytes':312}],'total':{'clientToRelay':{'wireBytes':104,'packets':1},"
                + "'relayToClient':{'wireBytes':208,'packets':2},'billableBytes':312}}");

        assertThat(ctl(command.split(" "))).isZero();
        assertThat(out.toString()).contains("2026-11-22T00:00:00Z").contains("312").contains("total");
    }

    @Test
    void listsUsersWithTheirBytes() {
        api.on("GET /v1/tenants/acme/users?sort=user&limit=2", 200, "{'users':[{'user':'al\\u001b[2J',"
                + "'clientToRelay':{'wireBytes':1},'relayToClient':{'wireBytes':2},'billableBytes':3}]}");

        assertThat(ctl("users", "acme", "--sort", "user", "--limit", "2")).isZero();
        assertThat(out.toString()).contains("al?[2J").doesNotContain("\u001b");
    }

    @Test
    void listsLiveAllocationsUnlessToldOtherwise() {
        api.on("GET /v1/tenants/acme/allocations?state=live", 200, "{'allocations':[{'id':'n1-1-1','user':'al',"
                + "'state':'live','transport':'UDP','createdAt':'2026-11-22T00:00:00Z','endedAt':null,"
                + "'endReason':'UNKNOWN','outcome':null,'usage':{'billableBytes':9}}]}");
        api.on("GET /v1/allocations/n1-1-1", 200, "{'id':'n1-1-1','user':'al','state':'ended'}");

        assertThat(ctl("allocations", "list", "acme")).isZero();
        assertThat(out.toString()).contains("n1-1-1").doesNotContain("UNKNOWN");
        assertThat(ctl("allocations", "get", "n1-1-1")).isZero();
        assertThat(out.toString()).contains("ended");
    }

    @Test
    void showsHowAllocationsCameOut() {
        String answer = "{'counts':{'CONNECTED':99,'ONE_WAY':1},'success':{'value':%s,'numerator':99,'denominator':100,"
                + "'formula':'CONNECTED / all'},'complete':true}";
        api.on("GET /v1/cluster/connectivity", 200, answer.formatted("0.99"));
        api.on("GET /v1/tenants/acme/connectivity", 200, answer.formatted("null"));

        assertThat(ctl("connectivity", "--url", api.url())).isZero();
        assertThat(out.toString().lines()).containsExactly("OUTCOME    COUNT", "CONNECTED     99", "ONE_WAY        1",
                "success: 99.0 %, 99 of 100 = CONNECTED / all");
        out.getBuffer().setLength(0);
        assertThat(ctl("connectivity", "acme")).isZero();
        assertThat(out.toString()).contains("success: not known yet");
    }
}
