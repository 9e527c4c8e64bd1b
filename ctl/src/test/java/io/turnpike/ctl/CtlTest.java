package io.turnpike.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CtlTest {

    private static final String ACME = "{'id':'acme','displayName':'Acme','status':'ACTIVE','secrets':[{'id':'k1'},"
            + "{'id':'k2'}],'channelNumbers':'RFC5766','billableRule':'BOTH_DIRECTIONS','version':7}";
    private static final String QUOTA = "{'mode':'HARD','period':'MONTH','timeZone':'UTC','volumeBytes':5242880,"
            + "'rateBitsPerSecond':null,'userRateBitsPerSecond':null,'allocationRateBitsPerSecond':null,'maxAllocations':null,'maxAllocationsPerUser':null,'onControlLoss':'STOP',"
            + "'policyEpoch':3,'default':false}";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private FakeApi api;

    @BeforeEach
    void startApi() throws IOException {
        api = new FakeApi();
    }

    @AfterEach
    void stopApi() {
        api.close();
    }

    @Test
    void listsTenantsAsATable() {
        api.on("GET /v1/tenants", 200, "{'tenants':[" + ACME + "],'nextCursor':'abc','complete':true}");

        assertThat(ctl("tenants", "list")).isZero();
        assertThat(out.toString().lines()).containsExactly(
                "TENANT  NAME  STATUS  SECRETS  CHANNELS  BILLED           VERSION",
                "acme    Acme  ACTIVE  k1,k2    RFC5766   BOTH_DIRECTIONS        7", "more: --cursor abc");
    }

    @Test
    void listsDeadLetters() {
        api.on("GET /v1/dlq?topic=turnpike.node&reason=nonsense", 200, "{'deadLetters':[{'id':'0-17','at':'T1',"
                + "'reason':'nonsense','topic':'turnpike.node','key':'n1','valueBytes':9,'replayedAt':null,"
                + "'message':'header.nodeId is no node id'}],'nextCursor':null,'complete':true}");

        assertThat(ctl("dlq", "list", "--topic", "turnpike.node", "--reason", "nonsense")).isZero();
        assertThat(out.toString().lines()).containsExactly(
                "LETTER  AT  REASON    TOPIC          KEY  BYTES  REPLAYED  MESSAGE",
                "0-17    T1  nonsense  turnpike.node  n1       9  -         header.nodeId is no node id");
    }

    @Test
    void showsADeadLetter() {
        api.on("GET /v1/dlq/0-17", 200, "{'id':'0-17','topic':'turnpike.node','partition':1,'offset':5,"
                + "'valueBytes':2,'whole':true,'valueBase64':'AQI='}");

        assertThat(ctl("dlq", "show", "0-17")).isZero();
        assertThat(out.toString()).contains("turnpike.node-1 at 5").contains("AQI=");
    }

    @Test
    void sendsDeadLettersAgainAndStopsAtTheFirstThatIsRefused() {
        api.on("POST /v1/dlq/0-1/replay", 200, "{'id':'0-1'}");
        api.on("POST /v1/dlq/0-2/replay", 409, "{'title':'Conflict','detail':'it was sent again before'}");

        assertThat(ctl("dlq", "replay", "0-1", "0-2", "0-3")).isEqualTo(1);
        assertThat(out.toString().lines()).containsExactly("sent again 0-1");
        assertThat(err.toString()).contains("it was sent again before");
        assertThat(api.requests()).hasSize(2);

        assertThat(ctl("dlq", "replay", "--force", "0-1")).isZero();
        assertThat(api.last().body()).isEqualTo("{\"force\":true}");
    }

    @Test
    void printsTheJsonOfTheApi() {
        api.on("GET /v1/tenants/acme", 200, ACME);

        assertThat(ctl("tenants", "get", "acme", "--json")).isZero();
        assertThat(out.toString()).contains("\"version\" : 7");
    }

    @Test
    void sendsTheToken() {
        api.on("GET /v1/nodes", 200, "{'nodes':[]}");

        assertThat(ctl("nodes", "list", "--token", "t0ken")).isZero();
        assertThat(api.last().headers().getFirst("Authorization")).isEqualTo("Bearer t0ken");
    }

    @Test
    void makesATenantThatIsNotThere(@TempDir Path directory) throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), "from-file\n");
        api.on("GET /v1/tenants/acme", 404, "{'title':'There is no such resource'}");
        api.on("PUT /v1/tenants/acme", 201, ACME);

        assertThat(ctl("tenants", "put", "acme", "--display-name", "Acme", "--secret", "k1=s3=cret", "--secret",
                "k2=@" + secret)).isZero();
        assertThat(api.last().headers().getFirst("If-None-Match")).isEqualTo("*");
        assertThat(api.last().body()).isEqualTo("{\"displayName\":\"Acme\",\"secrets\":["
                + "{\"id\":\"k1\",\"secret\":\"s3=cret\"},{\"id\":\"k2\",\"secret\":\"from-file\"}]}");
    }

    @Test
    void keepsWhatIsNotGivenWhenItChangesATenant() {
        api.on("GET /v1/tenants/acme", 200, ACME, "ETag", "\"7\"");
        api.on("PUT /v1/tenants/acme", 200, ACME);

        assertThat(ctl("tenants", "put", "acme", "--status", "SUSPENDED")).isZero();
        assertThat(api.last().headers().getFirst("If-Match")).isEqualTo("\"7\"");
        assertThat(api.last().body()).isEqualTo("{\"displayName\":\"Acme\",\"status\":\"SUSPENDED\","
                + "\"channelNumbers\":\"RFC5766\",\"billableRule\":\"BOTH_DIRECTIONS\"}");
    }

    @Test
    void setsExpiryTokenKeysAndLists() {
        api.on("GET /v1/tenants/acme", 200, "{'id':'acme','peerAllow':['10.0.0.0/8'],'serverNames':['a.example']}");
        api.on("PUT /v1/tenants/acme", 200, ACME);

        assertThat(ctl("tenants", "put", "acme", "--credential-expiry", "REFRESH", "--token-key", "t1=AAAA",
                "--peer-deny", "10.9.0.0/16", "--peer-deny", "fc00::/7", "--server-name=")).isZero();
        assertThat(api.last().body()).isEqualTo("{\"serverNames\":[],\"peerAllow\":[\"10.0.0.0/8\"],"
                + "\"credentialExpiry\":\"REFRESH\",\"peerDeny\":[\"10.9.0.0/16\",\"fc00::/7\"],"
                + "\"accessTokenKeys\":[{\"id\":\"t1\",\"key\":\"AAAA\"}]}");
    }

    @Test
    void showsEveryFieldOfATenant() {
        api.on("GET /v1/tenants/acme", 200, "{'id':'acme','displayName':'','status':'ACTIVE','secrets':[{'id':'k1'}],"
                + "'credentialExpiry':'HARD_CUT','accessTokenKeys':[{'id':'t1'},{'id':'t2'}],"
                + "'serverNames':['a.example'],'peerAllow':[],'version':3}");

        assertThat(ctl("tenants", "get", "acme")).isZero();
        assertThat(out.toString().lines().map(line -> line.replaceAll(" {2,}", "="))).contains("tenant=acme",
                "name=-", "credential expiry=HARD_CUT", "secrets=k1", "token keys=t1,t2", "server names=a.example",
                "peers allowed=-", "version=3");
    }

    @Test
    void saysWhatTheSecretsSignWith() {
        api.on("GET /v1/tenants/acme", 404, "{'title':'There is no such resource'}");
        api.on("PUT /v1/tenants/acme", 201, ACME);

        assertThat(ctl("tenants", "put", "acme", "--secret", "k1=one", "--secret-algorithm", "HMAC_SHA256")).isZero();
        assertThat(api.last().body())
                .isEqualTo("{\"secrets\":[{\"id\":\"k1\",\"secret\":\"one\",\"algorithm\":\"HMAC_SHA256\"}]}");
        assertThat(ctl("tenants", "put", "acme", "--secret-algorithm", "HMAC_SHA256")).isEqualTo(2);
    }

    @Test
    void deletesATenant() {
        api.on("DELETE /v1/tenants/acme", 204, "");

        assertThat(ctl("tenants", "delete", "acme")).isZero();
        assertThat(out).hasToString("deleted acme\n");
    }

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
    void showsWhatAWriteChanged() {
        api.on("GET /v1/tenants/acme/quota/history", 200, "{'events':[{'at':'2026-11-22T11:00:00Z',"
                + "'kind':'COMMAND_APPLIED','actor':'ops','fromState':'UNKNOWN','toState':'UNKNOWN','usedBytes':0,"
                + "'changes':[{'field':'volumeBytes','before':'100','after':'200'},"
                + "{'field':'rateBitsPerSecond','before':'null','after':'8000'}],'reason':'quota HARD of 200 bytes'}]}");

        assertThat(ctl("quota", "history", "acme")).isZero();
        assertThat(out.toString().lines()).containsExactly(
                "AT                    KIND             ACTOR  FROM  TO  USED BYTES  REASON",
                "2026-11-22T11:00:00Z  COMMAND_APPLIED  ops    -     -   -           "
                        + "quota HARD of 200 bytes: volumeBytes 100 to 200, rateBitsPerSecond none to 8000");
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
    }

    @Test
    void makesShowsTestsAndRemovesWebhooks(@TempDir Path directory) throws IOException {
        String webhook = "{'name':'ops','url':'https://a.example/','secrets':[{'id':'k1'}],'events':['quota.warning'],"
                + "'status':'ENABLED','disabledReason':'','version':7,'delivery':{'delivered':3,'givenUp':0,'failures':1,"
                + "'lastStatus':500,'lastError':'the endpoint answered 500'}}";
        Path key = Files.writeString(directory.resolve("key"), "whsec_AAAA\n");
        api.on("GET /v1/tenants/acme/webhooks/ops", 200, webhook, "ETag", "\"7\"");
        api.on("PUT /v1/tenants/acme/webhooks/ops", 200, webhook);
        api.on("GET /v1/tenants/acme/webhooks", 200, "{'webhooks':[" + webhook + "]}");
        api.on("POST /v1/tenants/acme/webhooks/ops/test", 202, "{'type':'webhook.test','commandId':'c1'}");
        api.on("DELETE /v1/tenants/acme/webhooks/ops", 204, "");

        assertThat(ctl("webhooks", "put", "acme", "ops", "--secret", "k2=@" + key, "--event=")).isZero();
        assertThat(api.last().headers().getFirst("If-Match")).isEqualTo("\"7\"");
        assertThat(api.last().body()).isEqualTo("{\"url\":\"https://a.example/\",\"events\":[],"
                + "\"secrets\":[{\"id\":\"k2\",\"secret\":\"whsec_AAAA\"}]}");
        assertThat(ctl("webhooks", "list", "acme")).isZero();
        assertThat(ctl("webhooks", "get", "acme", "ops")).isZero();
        assertThat(ctl("webhooks", "test", "acme", "ops")).isZero();
        assertThat(ctl("webhooks", "delete", "acme", "ops")).isZero();
        assertThat(out.toString()).contains("LAST STATUS", "the endpoint answered 500", "webhook.test",
                "removed webhook ops", "quota.warning").doesNotContain("all but quota.settled");

        api.on("GET /v1/tenants/acme/webhooks/ops", 200, webhook.replace("'quota.warning'", ""));
        assertThat(ctl("webhooks", "get", "acme", "ops")).isZero();
        assertThat(out.toString()).contains("all but quota.settled");
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
    void listsNodes() {
        api.on("GET /v1/nodes", 200, "{'nodes':[{'id':'n1','epoch':4,'state':'ACTIVE','allocations':3,"
                + "'controlConnected':false,'listeners':['udp:127.0.0.1:3478']}]}");

        assertThat(ctl("nodes", "list")).isZero();
        assertThat(out.toString()).contains("udp:127.0.0.1:3478").contains("lost");
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

    @Test
    void showsWhichHoursAreComplete() {
        api.on("GET /v1/telemetry/completeness?from=2026-11-22T08%3A00%3A00Z", 200, "{'hours':[{'start':"
                + "'2026-11-22T08:00:00Z','complete':false,'nodes':[]},{'start':'2026-11-22T09:00:00Z','complete':false,"
                + "'nodes':[{'node':'n1','expected':10,'received':7,'missing':3,'givenUp':1,'duplicates':2,'counted':true,"
                + "'complete':false},{'node':'n2','expected':null,'received':4,'missing':null,'givenUp':0,'duplicates':0,"
                + "'counted':false,'complete':false}]}],'complete':true}");

        assertThat(ctl("completeness", "--from", "2026-11-22T08:00:00Z")).isZero();
        assertThat(out.toString().lines().map(line -> line.replaceAll(" {2,}", "|"))).containsExactly(
                "HOUR|COMPLETE|NODE|EXPECTED|RECEIVED|MISSING|GIVEN UP|DUPLICATES|COUNTED",
                "2026-11-22T08:00:00Z|no|no relay was live|-|-|-|-|-|-",
                "2026-11-22T09:00:00Z|no|n1|10|7|3|1|2|yes", "2026-11-22T09:00:00Z|no|n2|-|4|-|0|0|no");
    }

    @Test
    void writesAnExportToAFile(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("2026-11.csv");
        api.on("GET /v1/usage/export?period=2026-11&tenant=acme", 200, "tenant,user\r\nacme,ä\r\n");

        assertThat(ctl("export", "--period", "2026-11", "--tenant", "acme", "--output", file.toString())).isZero();
        assertThat(file).hasContent("tenant,user\r\nacme,ä\r\n");
        assertThat(out).hasToString("wrote " + file + ", 22 bytes\n");
    }

    @Test
    void keepsNothingOfAnExportThatIsCutOff(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("2026-11.csv"), "as it was");
        api.cutOff("GET /v1/usage/export?period=2026-11", "tenant,user\r\n");

        assertThat(ctl("export", "--period", "2026-11", "--output", file.toString())).isEqualTo(3);
        assertThat(err.toString()).contains("cut off");
        assertThat(directory.toFile().list()).containsExactly("2026-11.csv");
        assertThat(file).hasContent("as it was");

        api.on("GET /v1/usage/export?period=2026", 400, "{'title':'Bad','field':'period','detail':'is no month'}");
        assertThat(ctl("export", "--period", "2026", "--output", file.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("period is no month");
        assertThat(ctl("export", "--period", "2026-11", "--output", directory + "/none/x")).isEqualTo(2);
    }

    @Test
    void showsWhichInstancesCanAnswerAndWhatTheOthersWaitFor() throws IOException {
        api.on("GET /health/ready", 200, "{'status':'READY'}");
        assertThat(ctl("health", "--url", api.url())).isZero();
        assertThat(out.toString().lines().map(line -> line.replaceAll(" {2,}", "|"))).containsExactly(
                "INSTANCE|STATE|DONE %|RECORDS LEFT|WAITS FOR", api.url() + "|READY|-|-|-");

        out.getBuffer().setLength(0);
        FakeApi gone = new FakeApi();
        gone.close();
        try (FakeApi restoring = new FakeApi(); FakeApi waiting = new FakeApi()) {
            restoring.on("GET /health/ready", 503, "{'title':'The answer is not available now','detail':"
                    + "'restoring stores','restoring':{'stores':['usage-1h'],'recordsLeft':780,'percentDone':61}}");
            waiting.on("GET /health/ready", 503, "{'title':'-','detail':'Kafka does not answer'}");
            assertThat(ctl("health", api.url(), restoring.url(), waiting.url(), gone.url())).isEqualTo(3);
            assertThat(out.toString().lines().map(line -> line.replaceAll(" {2,}", "|"))).containsExactly(
                    "INSTANCE|STATE|DONE %|RECORDS LEFT|WAITS FOR", api.url() + "|READY|-|-|-",
                    restoring.url() + "|RESTORING|61|780|restoring stores",
                    waiting.url() + "|NOT READY|-|-|Kafka does not answer",
                    gone.url() + "|AWAY|-|-|cannot reach " + gone.url() + ": is Turnpike running, and is --url right?");
        }
    }

    @Test
    void mintsACredential() {
        api.on("POST /v1/tenants/acme/credentials", 200, "{'iceServers':[{'urls':['turn:h:3478'],'username':"
                + "'1:acme:al','credential':'pw'}],'expiresAt':'2026-11-22T00:00:00Z'}");

        assertThat(ctl("credentials", "acme", "al", "--ttl", "60")).isZero();
        assertThat(api.last().body()).isEqualTo("{\"user\":\"al\",\"ttlSeconds\":60}");
        assertThat(out.toString()).contains("1:acme:al").contains("pw").contains("turn:h:3478");
    }

    @Test
    void revokesTheCredentialsOfAUser() {
        api.on("DELETE /v1/tenants/acme/credentials/a%2Fl", 204, "");

        assertThat(ctl("revoke", "acme", "a/l")).isZero();
        assertThat(api.last().line()).isEqualTo("DELETE /v1/tenants/acme/credentials/a%2Fl");
        assertThat(out.toString()).contains("revoked the credentials of a/l");
        assertThat(ctl("revoke", "ghost", "al")).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            400, 1, 'turnpike ctl: Bad: field volumeBytes? (400)'
            401, 1, 'turnpike ctl: Bad (401); give --token or set TURNPIKE_TOKEN'
            404, 4, 'turnpike ctl: Bad (404)'
            412, 5, 'turnpike ctl: Bad (412)'
            503, 3, 'turnpike ctl: Bad (503); try again in 2 s'
            """)
    void turnsProblemsIntoMessagesAndExitCodes(int status, int exitCode, String message) {
        String problem = status == 400 ? "{'title':'Bad','detail':'field volumeBytes?'}" : "{'title':'Bad'}";
        String[] headers = status == 503 ? new String[]{"Retry-After", "2"} : new String[0];
        api.on("GET /v1/nodes/n1", status, problem, headers);

        assertThat(ctl("nodes", "get", "n1")).isEqualTo(exitCode);
        assertThat(err).hasToString(message + "\n");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void namesTheFieldThatIsWrong() {
        api.on("GET /v1/nodes", 400, "{'title':'The body is not acceptable','field':'mode','detail':'is required'}");

        assertThat(ctl("nodes", "list")).isEqualTo(1);
        assertThat(err).hasToString("turnpike ctl: The body is not acceptable: mode is required (400)\n");
    }

    @Test
    void saysThatTheServerIsNoTurnpike() {
        api.on("GET /v1/nodes", 200, "<html>");

        assertThat(ctl("nodes", "list")).isEqualTo(3);
        assertThat(err.toString()).contains("no JSON");
    }

    @Test
    void saysThatTheServerCannotBeReached() {
        String url = api.url();
        api.close();

        assertThat(ctl("nodes", "list")).isEqualTo(3);
        assertThat(err.toString()).contains("cannot reach " + url);
    }

    @ParameterizedTest
    @CsvSource({"''", "tenants", "tenants nonsense", "quota put acme --volume 5X", "quota put acme --volume 99999999T",
        "'quota put acme --warn-at 80,half'",
        "tenants get", "nodes list --url http://[", "usage acme --node n1"})
    void refusesAWrongCommandLine(String command) {
        assertThat(ctl(command.split(" "))).isEqualTo(2);
        assertThat(err.toString()).isNotEmpty();
        assertThat(api.requests()).isEmpty();
    }

    @Test
    void explainsEveryCommand() {
        for (String command : new String[]{"", "tenants", "tenants put", "quota", "quota put", "usage", "users",
            "allocations", "nodes", "credentials", "revoke", "connectivity", "completeness", "export", "health"}) {
            String[] args = Stream.concat(Arrays.stream(command.split(" ")).filter(arg -> !arg.isEmpty()),
                    Stream.of("--help")).toArray(String[]::new);
            assertThat(Ctl.run(new PrintWriter(out, true), new PrintWriter(err, true), args)).as(command).isZero();
        }
        assertThat(out.toString()).contains("Exit codes").contains("--url").contains("TURNPIKE_TOKEN");
        assertThat(err.toString()).isEmpty();
    }

    private int ctl(String... args) {
        Stream<String> url = Arrays.asList(args).contains("--url") || args.length < 2 && !"usage".equals(args[0])
                ? Stream.empty()
                : Stream.of("--url", api.url());
        String[] all = Stream.concat(Arrays.stream(args).filter(arg -> !arg.isEmpty()), url).toArray(String[]::new);
        return Ctl.run(new PrintWriter(out, true), new PrintWriter(err, true), all);
    }
}
