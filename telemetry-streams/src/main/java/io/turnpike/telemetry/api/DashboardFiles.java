package io.turnpike.telemetry.api;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.ServerCacheControl;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.file.FileService;
import com.linecorp.armeria.server.file.HttpFile;

/** Serves the dashboard out of the program itself. Its page may load nothing from elsewhere and talk to nobody else. */
final class DashboardFiles {
    private static final String FOLDER = "dashboard";
    private static final HttpHeaders HARDENING = HttpHeaders.builder()
            .add("content-security-policy",
                    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
                            + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
            .add(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff").add("referrer-policy", "no-referrer")
            .add("cross-origin-resource-policy", "same-origin").add("cross-origin-opener-policy", "same-origin")
            .build();

    private DashboardFiles() {}

    static void serve(ServerBuilder builder) {
        ClassLoader loader = DashboardFiles.class.getClassLoader();
        builder.service("/", HttpFile.builder(loader, FOLDER + "/index.html")
                .cacheControl(ServerCacheControl.REVALIDATED).build().asService());
        builder.serviceUnder("/" + FOLDER,
                FileService.builder(loader, FOLDER).cacheControl(ServerCacheControl.REVALIDATED).build());
    }

    /** Puts the headers that keep browsers strict on every answer. */
    static HttpResponse hardened(HttpService service, ServiceRequestContext context, HttpRequest request)
            throws Exception {
        context.mutateAdditionalResponseHeaders(headers -> headers.set(HARDENING));
        return service.serve(context, request);
    }
}
