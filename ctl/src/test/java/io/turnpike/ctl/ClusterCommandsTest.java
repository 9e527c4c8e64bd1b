package io.turnpike.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;

import org.junit.jupiter.api.Test;

/** {@code nodes}, {@code health} and {@code completeness}: how the cluster fares. */
class ClusterCommandsTest extends CommandTest {

    @Test
    void listsNodes() {
        api.on("GET /v1/nodes", 200, "{'nodes':[{'id':'n1','epoch':4,'state':'ACTIVE','allocations':3,"
                + "'controlConnected':false,'listeners':['udp:127.0.0.1:3478']}]}");

        assertThat(ctl("nodes", "list")).isZero();
        assertThat(out.toString()).contains("udp:127.0.0.1:3478").contains("lost");
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
}
