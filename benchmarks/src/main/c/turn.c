#include "turn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "digest.h"

enum {
    COOKIE = 0x2112A442,
    HEADER = 20,
    MESSAGE_BYTES = 1024,
    TRIES = 5,
    FIRST_WAIT_MS = 250, /* then twice as long each time: a dead server costs 8 seconds */
    STREAM_WAIT_MS = 8000,
    ALLOCATE = 0x003,
    REFRESH = 0x004,
    SEND_INDICATION = 0x016,
    CREATE_PERMISSION = 0x008,
    CHANNEL_BIND = 0x009,
    USERNAME = 0x0006,
    MESSAGE_INTEGRITY = 0x0008,
    ERROR_CODE = 0x0009,
    CHANNEL_NUMBER = 0x000C,
    LIFETIME = 0x000D,
    XOR_PEER_ADDRESS = 0x0012,
    DATA = 0x0013,
    REALM = 0x0014,
    NONCE = 0x0015,
    XOR_RELAYED_ADDRESS = 0x0016,
    REQUESTED_ADDRESS_FAMILY = 0x0017,
    REQUESTED_TRANSPORT = 0x0019,
    UNAUTHORIZED = 401,
    STALE_NONCE = 438
};

static uint64_t next_id = 1;

void turn_fail(const char *what) {
    fprintf(stderr, "turnload: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct message {
    uint8_t bytes[MESSAGE_BYTES];
    int length;
};

static void put16(uint8_t *at, int value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value) {
    put16(at, (int)(value >> 16));
    put16(at + 2, (int)(value & 0xFFFF));
}

static int get16(const uint8_t *at) { return at[0] << 8 | at[1]; }

static void set_length(struct message *message) { put16(message->bytes + 2, message->length - HEADER); }

static void begin(struct message *message, int type) {
    memset(message->bytes, 0, HEADER);
    put16(message->bytes, type);
    put32(message->bytes + 4, COOKIE);
    put32(message->bytes + 8, (uint32_t)getpid());
    put32(message->bytes + 12, (uint32_t)(next_id >> 32));
    put32(message->bytes + 16, (uint32_t)next_id++);
    message->length = HEADER;
}

static void add(struct message *message, int type, const void *value, int length) {
    uint8_t *at = message->bytes + message->length;
    put16(at, type);
    put16(at + 2, length);
    memset(at + 4, 0, (size_t)(length + 3) / 4 * 4);
    memcpy(at + 4, value, (size_t)length);
    message->length += 4 + (length + 3) / 4 * 4;
    set_length(message);
}

static void add32(struct message *message, int type, uint32_t value) {
    uint8_t bytes[4];
    put32(bytes, value);
    add(message, type, bytes, 4);
}

static void add_peer(struct message *message, struct sockaddr_in peer) {
    uint8_t value[8] = {0, 1};
    put16(value + 2, ntohs(peer.sin_port) ^ (int)((uint32_t)COOKIE >> 16));
    put32(value + 4, ntohl(peer.sin_addr.s_addr) ^ (uint32_t)COOKIE);
    add(message, XOR_PEER_ADDRESS, value, sizeof value);
}

/* The discard port of ::1. */
static void add_peer6(struct message *message) {
    uint8_t value[20] = {0, 2};
    put16(value + 2, 9 ^ (int)((uint32_t)COOKIE >> 16));
    memcpy(value + 4, message->bytes + 4, 16);
    value[19] ^= 1;
    add(message, XOR_PEER_ADDRESS, value, sizeof value);
}

static void sign(struct turn_client *client, struct message *message) {
    uint8_t mac[SHA1_BYTES];
    add(message, USERNAME, client->account->user, (int)strlen(client->account->user));
    add(message, REALM, client->realm, (int)strlen(client->realm));
    add(message, NONCE, client->nonce, (int)strlen(client->nonce));
    put16(message->bytes + 2, message->length - HEADER + 4 + SHA1_BYTES);
    hmac_sha1(client->key, sizeof client->key, message->bytes, (size_t)message->length, mac);
    add(message, MESSAGE_INTEGRITY, mac, SHA1_BYTES);
}

static const uint8_t *find(const struct message *message, int type, int *length) {
    for (int at = HEADER; at + 4 <= message->length; at += 4 + (*length + 3) / 4 * 4) {
        *length = get16(message->bytes + at + 2);
        if (at + 4 + *length > message->length) return NULL;
        if (get16(message->bytes + at) == type) return message->bytes + at + 4;
    }
    return NULL;
}

/* The error code of an answer to the request, 0 for a success, or -1 if the message is none. */
static int outcome(const struct message *request, struct message *answer) {
    if (answer->length < HEADER || memcmp(answer->bytes + 8, request->bytes + 8, 12) != 0) return -1;
    int length = 0;
    const uint8_t *code = find(answer, ERROR_CODE, &length);
    return code && length >= 4 ? code[2] * 100 + code[3] : 0;
}

static int ask_datagram(struct turn_client *client, const struct message *request, struct message *answer) {
    int wait = FIRST_WAIT_MS;
    for (int attempt = 0; attempt < client->tries; attempt++, wait *= 2) {
        if (send(client->fd, request->bytes, (size_t)request->length, 0) < 0 && errno != ECONNREFUSED) {
            turn_fail("send");
        }
        struct pollfd readable = {client->fd, POLLIN, 0};
        for (int64_t left, until = now_ms() + wait; (left = until - now_ms()) > 0;) {
            if (poll(&readable, 1, client->spins ? 0 : (int)left) <= 0) {
                if (client->spins) continue;
                break;
            }
            ssize_t length = recv(client->fd, answer->bytes, sizeof answer->bytes, MSG_DONTWAIT);
            answer->length = length < 0 ? 0 : (int)length;
            int code = outcome(request, answer);
            if (code >= 0) return code;
        }
    }
    return -1;
}

static int ask_stream(struct turn_client *client, const struct message *request, struct message *answer) {
    stream_send(client->stream, request->bytes, request->length);
    struct pollfd readable = {client->fd, POLLIN, 0};
    for (int64_t left, until = now_ms() + STREAM_WAIT_MS; (left = until - now_ms()) > 0;) {
        int length;
        for (const uint8_t *at; (at = stream_next(client->stream, &length));) {
            if ((size_t)length > sizeof answer->bytes) continue;
            memcpy(answer->bytes, at, (size_t)length);
            answer->length = length;
            int code = outcome(request, answer);
            if (code >= 0) return code;
        }
        int got = length < 0 ? -1 : stream_fill(client->stream);
        if (got < 0) return -1;
        if (got == 0) poll(&readable, 1, (int)left);
    }
    return -1;
}

/* Sends a request until it is answered; 0, the error code, or -1. */
static int ask(struct turn_client *client, const struct message *request, struct message *answer) {
    return client->stream ? ask_stream(client, request, answer) : ask_datagram(client, request, answer);
}

static void take_text(const struct message *answer, int type, char *into, size_t room) {
    int length = 0;
    const uint8_t *value = find(answer, type, &length);
    if (value && (size_t)length < room) {
        memcpy(into, value, (size_t)length);
        into[length] = 0;
    }
}

static void take_challenge(struct turn_client *client, const struct message *answer) {
    char text[3 * REALM_BYTES];
    take_text(answer, REALM, client->realm, sizeof client->realm);
    take_text(answer, NONCE, client->nonce, sizeof client->nonce);
    int length = snprintf(text, sizeof text, "%s:%s:%s", client->account->user, client->realm,
                          client->account->password);
    md5((const uint8_t *)text, (size_t)length, client->key);
}

/* Asks signed, and once more with a fresh nonce where the old one is stale. */
static int ask_signed(struct turn_client *client, const struct message *request, struct message *answer) {
    for (int attempt = 0;; attempt++) {
        struct message copy = *request;
        sign(client, &copy);
        int code = ask(client, &copy, answer);
        if ((code != STALE_NONCE && code != UNAUTHORIZED) || attempt == 1) return code;
        take_challenge(client, answer);
    }
}

static void begin_client(struct turn_client *client, const struct account *account) {
    memset(client, 0, sizeof *client);
    client->account = account;
    client->tries = TRIES;
}

void turn_open(struct turn_client *client, struct sockaddr_in server, const struct account *account,
               struct sockaddr_in local) {
    begin_client(client, account);
    turn_reopen(client, server, local);
}

void turn_reopen(struct turn_client *client, struct sockaddr_in server, struct sockaddr_in local) {
    client->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (client->fd < 0) turn_fail("socket");
    if (local.sin_family && bind(client->fd, (struct sockaddr *)&local, sizeof local)) turn_fail("bind");
    if (connect(client->fd, (struct sockaddr *)&server, sizeof server)) turn_fail("connect");
}

void turn_open_stream(struct turn_client *client, struct sockaddr_in server, const struct account *account,
                      enum layer layer) {
    begin_client(client, account);
    client->stream = stream_open(server, layer);
    client->fd = stream_fd(client->stream);
}

static void begin_allocate(const struct turn_client *client, struct message *request) {
    begin(request, ALLOCATE);
    add32(request, REQUESTED_TRANSPORT, 17u << 24);
    if (client->ipv6) add32(request, REQUESTED_ADDRESS_FAMILY, 2u << 24);
}

static void take_relayed(struct turn_client *client, const struct message *answer) {
    int length = 0;
    const uint8_t *relayed = find(answer, XOR_RELAYED_ADDRESS, &length);
    if (!relayed || length != 8) return;
    client->relayed.sin_family = AF_INET;
    client->relayed.sin_port = htons((uint16_t)(get16(relayed + 2) ^ (int)((uint32_t)COOKIE >> 16)));
    client->relayed.sin_addr.s_addr =
        htonl(((uint32_t)get16(relayed + 4) << 16 | (uint32_t)get16(relayed + 6)) ^ (uint32_t)COOKIE);
}

int turn_allocate(struct turn_client *client) {
    struct message request, answer;
    begin_allocate(client, &request);
    int code = ask(client, &request, &answer);
    if (code != UNAUTHORIZED) return code ? code : -1;
    take_challenge(client, &answer);
    begin_allocate(client, &request);
    code = ask_signed(client, &request, &answer);
    if (!code) take_relayed(client, &answer);
    return code;
}

int turn_bind(struct turn_client *client, int channel, struct sockaddr_in peer) {
    struct message request, answer;
    begin(&request, CHANNEL_BIND);
    add32(&request, CHANNEL_NUMBER, (uint32_t)channel << 16);
    if (client->ipv6) add_peer6(&request); else add_peer(&request, peer);
    return ask_signed(client, &request, &answer);
}

int turn_permit(struct turn_client *client, struct sockaddr_in peer) {
    struct message request, answer;
    begin(&request, CREATE_PERMISSION);
    add_peer(&request, peer);
    return ask_signed(client, &request, &answer);
}

int turn_release(struct turn_client *client) {
    struct message request, answer;
    client->tries = 2;
    begin(&request, REFRESH);
    add32(&request, LIFETIME, 0);
    return ask_signed(client, &request, &answer);
}

int turn_send_head(uint8_t *out, struct sockaddr_in peer, int data_bytes) {
    struct message head;
    begin(&head, SEND_INDICATION);
    add_peer(&head, peer);
    put16(head.bytes + head.length, DATA);
    put16(head.bytes + head.length + 2, data_bytes);
    head.length += 4;
    put16(head.bytes + 2, head.length - HEADER + (data_bytes + 3) / 4 * 4);
    memcpy(out, head.bytes, (size_t)head.length);
    return head.length;
}
