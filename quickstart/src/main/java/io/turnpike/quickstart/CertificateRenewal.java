package io.turnpike.quickstart;

import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks once a day whether a certificate is about to end, for a quickstart that runs for months. */
final class CertificateRenewal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateRenewal.class);

    private final ScheduledExecutorService daily = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "certificate-renewal");
        thread.setDaemon(true);
        return thread;
    });

    CertificateRenewal(LocalAuthority authority) {
        daily.scheduleAtFixedRate(() -> {
            try {
                authority.renew();
            } catch (IOException | RuntimeException e) {
                LOG.error("the certificate cannot be renewed", e);
            }
        }, 1, 1, TimeUnit.DAYS);
    }

    @Override
    public void close() {
        daily.shutdownNow();
    }
}
