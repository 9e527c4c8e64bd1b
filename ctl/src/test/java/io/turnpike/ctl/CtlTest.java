package io.turnpike.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What all commands have in common: the call, its failures, and the help. */
class CtlTest extends CommandTest {

    private static final String ACME = "{'id':'acme','displayName':'Acme','status':'ACTIVE','secrets':[{'id':'k1'},"
            + "{'id':'k2'}],'channelNumbers':'RFC5766','billableRule':'BOTH_DIRECTIONS','version':7}";

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

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            quota put acme --volume 1.5G  | "Invalid value for option '--volume': '1.5G' is no limit: write a whole number, with K, M, G, T (1000) or Ki, Mi, Gi, Ti (1024) if you like, or none" | "'turnpike ctl quota put --help' says what it takes."
            quota history --users         | "Missing required parameter: 'TENANT'" | "'turnpike ctl quota history --help' says what it takes."
            quota put acme --volum 5M     | "Unknown options: '--volum', '5M'" | "Possible solutions: --volume"
            quota putt acme               | "Unmatched arguments from index 1: 'putt', 'acme'" | "Did you mean: quota put?"
            """)
    void saysInTwoLinesWhatIsWrongWithTheCommandLine(String command, String message, String advice) {
        assertThat(Ctl.run(new PrintWriter(out, true), new PrintWriter(err, true), command.split(" "))).isEqualTo(2);
        assertThat(err.toString().lines()).containsExactly(message, advice);
    }

    @Test
    void listsTheCommandsWhereOneIsMissing() {
        assertThat(ctl("quota")).isEqualTo(2);
        assertThat(err.toString()).contains("what-if");
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
}
