package io.turnpike.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TenantsCommandTest extends CommandTest {

    private static final String ACME = "{'id':'acme','displayName':'Acme','status':'ACTIVE','secrets':[{'id':'k1'},"
            + "{'id':'k2'}],'channelNumbers':'RFC5766','billableRule':'BOTH_DIRECTIONS','version':7}";

    @Test
    void listsTenantsAsATable() {
        api.on("GET /v1/tenants", 200, "{'tenants':[" + ACME + "],'nextCursor':'abc','complete':true}");

        assertThat(ctl("tenants", "list")).isZero();
        assertThat(out.toString().lines()).containsExactly(
                "TENANT  NAME  STATUS  SECRETS  CHANNELS  BILLED           VERSION",
                "acme    Acme  ACTIVE  k1,k2    RFC5766   BOTH_DIRECTIONS        7", "more: --cursor abc");
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
}
