package io.turnpike.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuotaCommandTest extends CommandTest {

    private static final String QUOTA = "{'mode':'HARD','period':'MONTH','timeZone':'UTC','volumeBytes':5242880,"
            + "'rateBitsPerSecond':null,'userRateBitsPerSecond':null,'allocationRateBitsPerSecond':null,'maxAllocations':null,'maxAllocationsPerUser':null,'onControlLoss':'STOP',"
            + "'policyEpoch':3,'default':false}";

    @Test
    void raisesAQuotaAndKeepsTheRest() {
        api.on("GET /v1/tenants/acme/quota", 200, QUOTA, "ETag", "\"3\"");
        api.on("PUT /v1/tenants/acme/quota", 200, QUOTA);

        assertThat(ctl("quota", "put", "acme", "--volume", "10Mi", "--max-allocations", "none", "--rate", "2M"))
                .isZero();
        assertThat(api.last().headers().getFirst("If-Match")).isEqualTo("\"3\"");
        assertThat(api.last().body()).isEqualTo("{\"mode\":\"HARD\",\"period\":\"MONTH\",\"timeZone\":\"UTC\","
                + "\"volumeBytes\":10485760,\"rateBitsPerSecond\":2000000,\"userRateBitsPerSecond\":null,"
                + "\"allocationRateBitsPerSecond\":null,\"maxAllocations\":null,"
                + "\"maxAllocationsPerUser\":null,\"onControlLoss\":\"STOP\"}");
        assertThat(out.toString()).contains("5242880");
    }

    @Test
    void warnsAtThePercentsThatAreGivenAndKeepsThemOtherwise() {
        String quota = QUOTA.replace("'policyEpoch'", "'warnPercents':[80],'policyEpoch'");
        api.on("GET /v1/tenants/acme/quota", 200, quota, "ETag", "\"3\"");
        api.on("PUT /v1/tenants/acme/quota", 200, quota.replace("[80]", "[80,95]"));

        assertThat(ctl("quota", "put", "acme", "--mode", "SOFT")).isZero();
        assertThat(api.last().body()).contains("\"warnPercents\":[80]");
        assertThat(ctl("quota", "put", "acme", "--warn-at", "80,95")).isZero();
        assertThat(api.last().body()).contains("\"warnPercents\":[80,95]");
        assertThat(ctl("quota", "put", "acme", "--warn-at", "none")).isZero();
        assertThat(api.last().body()).contains("\"warnPercents\":[]");
        assertThat(out.toString()).contains("WARN AT %").contains("80,95");
    }

    @Test
    void saysHowARelayGoesOnWithoutControl() {
        String bounded = QUOTA.replace("'STOP'", "'SAFE_RATE','safeRateBitsPerSecond':64000,'graceBytes':4096");
        api.on("GET /v1/tenants/acme/quota", 200, bounded);
        assertThat(ctl("quota", "get", "acme")).isZero();
        assertThat(out.toString()).endsWith(
                "without control each relay goes on at 64000 bit/s, until it has used 4096 bytes in the period\n");

        out.getBuffer().setLength(0);
        api.on("GET /v1/tenants/acme/quota", 200, QUOTA);
        assertThat(ctl("quota", "get", "acme")).isZero();
        assertThat(out.toString()).doesNotContain("without control");

        api.on("GET /v1/tenants/acme/quota", 200, bounded.replace("'HARD'", "'OFF'"));
        assertThat(ctl("quota", "get", "acme")).isZero();
        assertThat(out.toString()).contains("SAFE_RATE").doesNotContain("without control");
    }

    @Test
    void saysThatCapsAreNotInForce() {
        String idle = "caps of rates and allocations are not in force: only HARD enforces them\n";
        api.on("GET /v1/tenants/acme/quota", 200, QUOTA.replace("'policyEpoch'", "'capsEnforced':false,'policyEpoch'"));
        assertThat(ctl("quota", "get", "acme")).isZero();
        assertThat(out.toString()).endsWith(idle);

        for (String enforced : new String[]{"true", "null"}) {
            out.getBuffer().setLength(0);
            api.on("GET /v1/tenants/acme/quota/status", 200, "{'mode':'HARD','shares':{'enforced':" + enforced + "}}");
            assertThat(ctl("quota", "status", "acme")).isZero();
            assertThat(out.toString()).doesNotContain(idle);
        }
        api.on("GET /v1/tenants/acme/quota/status", 200, "{'mode':'SOFT','shares':{'enforced':false}}");
        assertThat(ctl("quota", "status", "acme")).isZero();
        assertThat(out.toString()).endsWith(idle);
    }

    @Test
    void showsWhereATenantStands() {
        api.on("GET /v1/tenants/acme/quota/status", 200, "{'mode':'HARD','state':'WARN','usedBytes':10,"
                + "'grantedBytes':20,'remainingBytes':null,'overshootBoundBytes':0,'periodStart':'2026-11-01T00:00:00Z',"
                + "'periodEnd':'2026-12-01T00:00:00Z','complete':false,'missingPartitions':[3],'stale':true,"
                + "'asOf':'2026-11-22T10:00:00Z'}");

        assertThat(ctl("quota", "status", "acme")).isZero();
        assertThat(out.toString()).contains("WARN").contains("incomplete: partitions [3]")
                .contains("stale: read from a standby that has followed up to 2026-11-22T10:00:00Z");
    }

    @Test
    void saysUnboundedOnlyWhereThereIsAVolumeThatCanBePassed() {
        String status = "{'mode':'HARD','state':'OPEN','usedBytes':10,'limitBytes':%s,'overshootBoundBytes':null}";
        api.on("GET /v1/tenants/acme/quota/status", 200, String.format(status, "1000"));
        assertThat(ctl("quota", "status", "acme")).isZero();
        assertThat(out.toString()).contains("unbounded");

        out.getBuffer().setLength(0);
        api.on("GET /v1/tenants/acme/quota/status", 200, String.format(status, "null"));
        assertThat(ctl("quota", "status", "acme")).isZero();
        assertThat(out.toString()).doesNotContain("unbounded");
    }

    @Test
    void showsWhenTheVolumeWillBeUsedUpOrWhyThatIsNotSaid() {
        String status = "{'mode':'HARD','state':'OPEN','usedBytes':10,'projection':{'outlook':'%s','exhaustedAt':%s,"
                + "'earliest':%s}}";
        api.on("GET /v1/tenants/acme/quota/status", 200,
                status.formatted("IN_PERIOD", "'2026-11-25T00:00:00Z'", "'2026-11-24T00:00:00Z'"));
        assertThat(ctl("quota", "status", "acme")).isZero();
        assertThat(out.toString()).contains("EXHAUSTED BY").contains("2026-11-25T00:00:00Z  2026-11-24T00:00:00Z");

        api.on("GET /v1/tenants/acme/quota/status", 200, status.formatted("UNKNOWN", "null", "null"));
        assertThat(ctl("quota", "status", "acme")).isZero();
        assertThat(out.toString()).contains("UNKNOWN");
    }

    @Test
    void showsOfSharesWhatIsCapped() {
        String status = "{'mode':'HARD','shares':{'rateBitsPerSecond':%s,'maxAllocations':%s,'nodes':[{'node':'r1',"
                + "'rateBitsPerSecond':8000,'demandBitsPerSecond':90,'slots':5,'allocations':4}]}}";
        api.on("GET /v1/tenants/acme/quota/status", 200, status.formatted("null", "7"));
        assertThat(ctl("quota", "status", "acme")).isZero();
        assertThat(out.toString().lines()).last().isEqualTo("r1    -                      90      5            4");

        api.on("GET /v1/tenants/acme/quota/status", 200, status.formatted("8000", "null"));
        assertThat(ctl("quota", "status", "acme")).isZero();
        assertThat(out.toString().lines()).last().isEqualTo("r1           8000            90  -                4");
    }

    @Test
    void showsAHistoryAndAsksForAPartOfIt() {
        api.on("GET /v1/tenants/acme/quota/history?kind=STATE_CHANGED&limit=1", 200, "{'events':[{'at':"
                + "'2026-11-22T11:00:00Z','kind':'STATE_CHANGED','actor':'','fromState':'OPEN','toState':'UNKNOWN',"
                + "'usedBytes':80,'reason':'80 % of the volume is used'}],'nextCursor':'abc','complete':true}");

        assertThat(ctl("quota", "history", "acme", "--kind", "STATE_CHANGED", "--limit", "1")).isZero();
        assertThat(out.toString().lines()).containsExactly(
                "AT                    KIND           ACTOR  FROM  TO  USED BYTES  REASON",
                "2026-11-22T11:00:00Z  STATE_CHANGED  -      OPEN  -           80  80 % of the volume is used",
                "more: --cursor abc");
    }

    @Test
    void showsWhatBecameOfUsersQuotas() {
        String events = "{'events':[{'at':'2026-11-22T11:00:00Z','user':'al','kind':'STATE_CHANGED','actor':'',"
                + "'fromState':'WARN','toState':'EXHAUSTED','usedBytes':80,'reason':'the volume is used'}]}";
        api.on("GET /v1/tenants/acme/quota/history/users?user=al&limit=1", 200, events);
        api.on("GET /v1/tenants/acme/quota/history/users", 200, events);
        String[] shown = {"AT                    USER  KIND           FROM  TO         USED BYTES  REASON",
            "2026-11-22T11:00:00Z  al    STATE_CHANGED  WARN  EXHAUSTED          80  the volume is used"};

        assertThat(ctl("quota", "history", "acme", "--user", "al", "--limit", "1")).isZero();
        assertThat(out.toString().lines()).containsExactly(shown);
        assertThat(ctl("quota", "history", "acme", "--users")).isZero();
        assertThat(out.toString().lines()).endsWith(shown);
    }

    @Test
    void showsWhatAWriteChanged() {
        api.on("GET /v1/tenants/acme/quota/history", 200, "{'events':[{'at':'2026-11-22T11:00:00Z',"
                + "'kind':'COMMAND_APPLIED','actor':'ops','fromState':'UNKNOWN','toState':'UNKNOWN','usedBytes':null,"
                + "'changes':[{'field':'volumeBytes','before':'100','after':'200'},"
                + "{'field':'rateBitsPerSecond','before':'null','after':'8000'}],'reason':'quota HARD of 200 bytes'}]}");

        assertThat(ctl("quota", "history", "acme")).isZero();
        assertThat(out.toString().lines()).containsExactly(
                "AT                    KIND             ACTOR  FROM  TO  USED BYTES  REASON",
                "2026-11-22T11:00:00Z  COMMAND_APPLIED  ops    -     -   -           "
                        + "quota HARD of 200 bytes: volumeBytes 100 to 200, rateBitsPerSecond none to 8000");
    }

    @Test
    void showsWhoseCredentialsWereRevoked() {
        String event = "{'events':[{'at':'2026-11-22T11:00:00Z','kind':'COMMAND_APPLIED','actor':'ops','fromState':'UNKNOWN',"
                + "'toState':'UNKNOWN','usedBytes':null,'changes':[],'command':'%s','subject':'%s','reason':'%s'}]}";
        api.on("GET /v1/tenants/acme/quota/history", 200,
                event.formatted("REVOKE_CREDENTIAL", "alice", "credentials of a user revoked"));
        assertThat(ctl("quota", "history", "acme")).isZero();
        assertThat(out.toString()).endsWith("  credentials of a user revoked: alice\n");

        api.on("GET /v1/tenants/acme/quota/history", 200,
                event.formatted("TEST_WEBHOOK", "hook", "webhook hook tested"));
        assertThat(ctl("quota", "history", "acme")).isZero();
        assertThat(out.toString()).endsWith("  webhook hook tested\n");
    }

    @Test
    void asksWhatAQuotaWouldHaveDone() {
        api.on("POST /v1/tenants/acme/quota/what-if", 200, "{'from':'2026-11-01T00:00:00Z','to':'2026-11-22T11:00:00Z',"
                + "'step':'1h','aligned':false,'periods':[{'periodId':'2026-11','usedBytes':900,'refusedBytes':400,"
                + "'cutAfter':'2026-11-09T07:00:00Z','cutBefore':'2026-11-09T08:00:00Z','whole':true}],"
                + "'users':{'looked':20,'all':false,'cut':[{'user':'al','usedBytes':700,'refusedByUserVolume':200,"
                + "'refusedBehindTenantCut':300,'periods':[{'cutAfter':'2026-11-08T01:00:00Z'}]}]}}");

        assertThat(ctl("quota", "what-if", "acme", "--volume", "500", "--user-volume", "1Ki", "--period", "MONTH",
                "--anchor", "15")).isZero();
        assertThat(api.last().body())
                .isEqualTo("{\"volumeBytes\":500,\"userVolumeBytes\":1024,\"period\":\"MONTH\",\"anchor\":15}");
        assertThat(out.toString().lines()).containsExactly(
                "PERIOD   USED BYTES  REFUSED BYTES  CUT AFTER             CUT BEFORE            WHOLE",
                "2026-11         900            400  2026-11-09T07:00:00Z  2026-11-09T08:00:00Z  yes",
                "USER  USED BYTES  OVER USER VOLUME  BEHIND TENANT'S CUT  FIRST CUT AFTER",
                "al           700               200                  300  2026-11-08T01:00:00Z",
                "by 1h from 2026-11-01T00:00:00Z to 2026-11-22T11:00:00Z; buckets straddle the periods' beginnings;"
                        + " only the 20 heaviest users were looked at");
    }
}
