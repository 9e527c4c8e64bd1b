package io.turnpike.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebhooksCommandTest extends CommandTest {

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
}
