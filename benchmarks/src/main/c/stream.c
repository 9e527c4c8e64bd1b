#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "turn.h"

enum {
    IN_BYTES = 1 << 18,
    OUT_BYTES = 1 << 20,
    STUN_HEADER = 20,
    CHANNEL_HEADER = 4,
    OPEN_SECONDS = 10
};

struct stream {
    int fd;
    SSL *ssl;
    char cipher[96];
    int in_from, in_to, out_from, out_to;
    uint8_t in[IN_BYTES];
    uint8_t out[OUT_BYTES];
};

static void tls_fail(const char *what) {
    fprintf(stderr, "turnload: %s: %s\n", what, ERR_reason_error_string(ERR_peek_error()));
    exit(1);
}

static SSL_CTX *tls_context(int version) {
    static SSL_CTX *context;
    if (context) return context;
    context = SSL_CTX_new(TLS_client_method());
    if (!context || !SSL_CTX_set_min_proto_version(context, version) ||
        !SSL_CTX_set_max_proto_version(context, version) ||
        !SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") ||
        !SSL_CTX_set_cipher_list(context, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256")) {
        tls_fail("TLS");
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);
    return context;
}

struct stream *stream_open(struct sockaddr_in server, enum layer layer) {
    struct stream *stream = calloc(1, sizeof *stream);
    if (!stream) turn_fail("memory");
    stream->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    struct timeval most = {OPEN_SECONDS, 0};
    if (stream->fd < 0 || setsockopt(stream->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) ||
        setsockopt(stream->fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most) ||
        setsockopt(stream->fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most)) {
        turn_fail("socket");
    }
    if (connect(stream->fd, (struct sockaddr *)&server, sizeof server)) turn_fail("connect");
    if (layer != STREAM_TCP) {
        stream->ssl = SSL_new(tls_context(layer == STREAM_TLS12 ? TLS1_2_VERSION : TLS1_3_VERSION));
        if (!stream->ssl || !SSL_set_fd(stream->ssl, stream->fd) || SSL_connect(stream->ssl) != 1) {
            tls_fail("TLS handshake");
        }
        snprintf(stream->cipher, sizeof stream->cipher, "%s %s", SSL_get_version(stream->ssl),
                 SSL_get_cipher_name(stream->ssl));
    }
    if (fcntl(stream->fd, F_SETFL, O_NONBLOCK)) turn_fail("fcntl");
    return stream;
}

int stream_fd(const struct stream *stream) { return stream->fd; }

const char *stream_cipher(const struct stream *stream) { return stream->cipher; }

/* Bytes, 0 if the call would have to wait, -1 at the end of the connection. */
static int moved(struct stream *stream, int result) {
    if (result > 0) return result;
    if (!stream->ssl) return result < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
    int error = SSL_get_error(stream->ssl, result);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

int stream_flush(struct stream *stream) {
    while (stream->out_from < stream->out_to) {
        const uint8_t *from = stream->out + stream->out_from;
        int length = stream->out_to - stream->out_from;
        int sent = moved(stream, stream->ssl ? SSL_write(stream->ssl, from, length)
                                             : (int)send(stream->fd, from, (size_t)length, MSG_NOSIGNAL));
        if (sent <= 0) return 1;
        stream->out_from += sent;
    }
    stream->out_from = stream->out_to = 0;
    return 0;
}

int stream_send(struct stream *stream, const uint8_t *bytes, int length) {
    if (stream->out_to + length > OUT_BYTES) {
        memmove(stream->out, stream->out + stream->out_from, (size_t)(stream->out_to - stream->out_from));
        stream->out_to -= stream->out_from;
        stream->out_from = 0;
        if (stream->out_to + length > OUT_BYTES) return 0;
    }
    memcpy(stream->out + stream->out_to, bytes, (size_t)length);
    stream->out_to += length;
    stream_flush(stream);
    return 1;
}

int stream_fill(struct stream *stream) {
    memmove(stream->in, stream->in + stream->in_from, (size_t)(stream->in_to - stream->in_from));
    stream->in_to -= stream->in_from;
    stream->in_from = 0;
    uint8_t *into = stream->in + stream->in_to;
    int room = IN_BYTES - stream->in_to;
    int got = moved(stream, stream->ssl ? SSL_read(stream->ssl, into, room)
                                        : (int)recv(stream->fd, into, (size_t)room, 0));
    if (got > 0) stream->in_to += got;
    return got;
}

const uint8_t *stream_next(struct stream *stream, int *length) {
    const uint8_t *at = stream->in + stream->in_from;
    int bytes = stream->in_to - stream->in_from;
    *length = 0;
    if (bytes < CHANNEL_HEADER) return NULL;
    int body = at[2] << 8 | at[3];
    if (at[0] >> 6 == 1) {
        *length = CHANNEL_HEADER + (body + 3) / 4 * 4;
    } else if (at[0] >> 6 == 0) {
        *length = STUN_HEADER + body;
    } else {
        *length = -1;
        return NULL;
    }
    if (bytes < *length) return NULL;
    stream->in_from += *length;
    return at;
}
