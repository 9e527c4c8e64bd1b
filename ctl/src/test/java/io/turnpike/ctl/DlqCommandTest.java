package io.turnpike.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DlqCommandTest extends CommandTest {

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
}
