#define _GNU_SOURCE
#include <errno.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

enum {
    /* An address of this run alone: a server that lost the last run's release still holds its five-tuples. */
    FIRST_HOST = 0x2000,
    HOSTS = 0x4000,
    CHANNEL_HEADER = 4,
    DATA_INDICATION = 0x0017,
    DATA = 0x0013,
    FRAMING_BYTES = 128,
    STAMP_BYTES = 16,
    LEG_SHIFT = 40, /* of a datagram's number: what is above it names the leg, what is below counts */
    PATTERN_BYTES = 2048,
    PATTERN_STARTS = 256,
    RECEIVED_AT_ONCE = 8,
    ROOM = 65536 + 4160, /* no two at the same distance from a page's begin */
    BURST_ROOM = 1 << 17,
    SOCKET_BUFFER = 4 << 20,
    BUCKETS = 2000000, /* of a tenth of a microsecond */
    DRAIN_NS = 300000000,
    STALLED_NS = 100000000,
    MOST_LATE_NS = 50000000,
    CATCH_UP = 64
};

/* One direction of a flow. */
struct leg {
    uint64_t id;
    uint64_t sent;     /* number of the next datagram */
    uint64_t expected; /* number that arrives next if none is lost */
    int in_flight;
    uint64_t moved_at;
};

struct flow {
    struct turn_client client;
    int peer;
    struct sockaddr_in peer_address;
    struct leg legs[2]; /* to the client, to the peer */
    int watches_room;   /* whether the stream's buffer waits for the kernel */
};

static struct flow *flows;
static int epoll;
static uint8_t pattern[PATTERN_BYTES];
static uint8_t burst_buffer[BURST_ROOM];
static uint8_t rooms[RECEIVED_AT_ONCE][ROOM];
static uint32_t histogram[BUCKETS];
static int counting;
static uint64_t count_since = UINT64_MAX;
static uint64_t sent, received, wrong, reordered, refused;

static void prepare(int fd) {
    int on = 1, bytes = SOCKET_BUFFER;
    setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes);
}

static void watch(int operation, int fd, uint64_t tag, uint32_t what) {
    struct epoll_event event = {.events = what, .data.u64 = tag};
    if (epoll_ctl(epoll, operation, fd, &event)) turn_fail("epoll_ctl");
}

static void open_peer(struct flow *flow) {
    socklen_t length = sizeof flow->peer_address;
    flow->peer = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    flow->peer_address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (flow->peer < 0 || bind(flow->peer, (struct sockaddr *)&flow->peer_address, length) ||
        getsockname(flow->peer, (struct sockaddr *)&flow->peer_address, &length)) {
        turn_fail("peer");
    }
}

static void open_flow(int index) {
    struct flow *flow = &flows[index];
    if (options.transport == UDP) {
        turn_open(&flow->client, options.server, &options.account, loopback(FIRST_HOST + getpid() % HOSTS, 0));
    } else {
        enum layer layer = options.transport == TCP ? STREAM_TCP
                         : options.transport == TLS12 ? STREAM_TLS12 : STREAM_TLS13;
        turn_open_stream(&flow->client, options.server, &options.account, layer);
    }
    open_peer(flow);
    int code = turn_allocate(&flow->client);
    if (!code) {
        code = options.indications ? turn_permit(&flow->client, flow->peer_address)
                                   : turn_bind(&flow->client, CHANNEL, flow->peer_address);
    }
    if (code) {
        fprintf(stderr, "turnload: the server refuses an allocation or a channel: %d\n", code);
        exit(1);
    }
    struct sockaddr_in relayed = flow->client.relayed;
    if (connect(flow->peer, (struct sockaddr *)&relayed, sizeof relayed)) turn_fail("connect peer");
    if (options.transport == UDP) prepare(flow->client.fd);
    prepare(flow->peer);
    for (int to_peer = 0; to_peer < 2; to_peer++) {
        flow->legs[to_peer] = (struct leg){.id = (uint64_t)index * 2 + (uint64_t)to_peer + 1};
    }
    watch(EPOLL_CTL_ADD, flow->client.fd, (uint64_t)index << 1 | 1, EPOLLIN);
    watch(EPOLL_CTL_ADD, flow->peer, (uint64_t)index << 1, EPOLLIN);
}

static const uint8_t *content(uint64_t number) { return pattern + number % PATTERN_STARTS; }

/* Writes a burst of equal messages; the bytes of one. */
static int write_burst(const struct flow *flow, int to_peer, uint8_t *out) {
    uint8_t framing[FRAMING_BYTES];
    int head = 0, padding = 0;
    if (to_peer && options.indications) {
        head = turn_send_head(framing, flow->peer_address, options.size);
        padding = (4 - options.size % 4) % 4;
    } else if (to_peer) {
        head = CHANNEL_HEADER;
        framing[0] = CHANNEL >> 8;
        framing[1] = CHANNEL & 0xFF;
        framing[2] = (uint8_t)(options.size >> 8);
        framing[3] = (uint8_t)options.size;
        padding = options.transport == UDP ? 0 : (4 - options.size % 4) % 4;
    }
    int wire = head + options.size + padding;
    uint64_t stamp = now_ns();
    const struct leg *leg = &flow->legs[to_peer];
    for (int i = 0; i < options.burst; i++, out += wire) {
        uint64_t number = leg->id << LEG_SHIFT | (leg->sent + (uint64_t)i);
        memcpy(out, framing, (size_t)head);
        memcpy(out + head, &stamp, 8);
        memcpy(out + head + 8, &number, 8);
        memcpy(out + head + STAMP_BYTES, content(number), (size_t)(options.size - STAMP_BYTES));
        memset(out + head + options.size, 0, (size_t)padding);
    }
    return wire;
}

/* Whether the kernel took the burst, as segments of one message. */
static int send_datagrams(int fd, int wire) {
    char control[CMSG_SPACE(sizeof(uint16_t))] = {0};
    struct iovec vector = {burst_buffer, (size_t)(wire * options.burst)};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    if (options.burst > 1) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        struct cmsghdr *segment = CMSG_FIRSTHDR(&message);
        segment->cmsg_level = SOL_UDP;
        segment->cmsg_type = UDP_SEGMENT;
        segment->cmsg_len = CMSG_LEN(sizeof(uint16_t));
        uint16_t bytes = (uint16_t)wire;
        memcpy(CMSG_DATA(segment), &bytes, sizeof bytes);
    }
    if (sendmsg(fd, &message, MSG_DONTWAIT) >= 0) return 1;
    if (errno != EAGAIN && errno != ECONNREFUSED && errno != ENOBUFS) turn_fail("sendmsg");
    return 0;
}

static void watch_room(struct flow *flow, int waits) {
    if (waits == flow->watches_room) return;
    flow->watches_room = waits;
    watch(EPOLL_CTL_MOD, flow->client.fd, (uint64_t)(flow - flows) << 1 | 1, waits ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* Whether a burst left. */
static int send_burst(struct flow *flow, int to_peer) {
    struct leg *leg = &flow->legs[to_peer];
    int wire = write_burst(flow, to_peer, burst_buffer), taken;
    if (to_peer && flow->client.stream) {
        taken = stream_send(flow->client.stream, burst_buffer, wire * options.burst);
        watch_room(flow, stream_flush(flow->client.stream));
    } else {
        taken = send_datagrams(to_peer ? flow->client.fd : flow->peer, wire);
    }
    if (!taken) {
        refused += counting ? (uint64_t)options.burst : 0;
        return 0;
    }
    leg->sent += (uint64_t)options.burst;
    leg->in_flight += options.burst;
    sent += counting ? (uint64_t)options.burst : 0;
    return 1;
}

/* Where the payload of a received message begins, or -1 if it is none of ours. */
static int payload_of(const uint8_t *message, int length, int at_client) {
    if (!at_client) return length == options.size ? 0 : -1;
    if (length < CHANNEL_HEADER) return -1;
    int type = message[0] << 8 | message[1], bytes = message[2] << 8 | message[3];
    if (type == CHANNEL) return bytes == options.size && length >= CHANNEL_HEADER + bytes ? CHANNEL_HEADER : -1;
    if (type != DATA_INDICATION) return -1;
    for (int at = 20; at + 4 <= length; at += 4 + (bytes + 3) / 4 * 4) { /* DATA, wherever it stands */
        type = message[at] << 8 | message[at + 1];
        bytes = message[at + 2] << 8 | message[at + 3];
        if (type == DATA) return bytes == options.size && at + 4 + bytes <= length ? at + 4 : -1;
    }
    return -1;
}

/* Checks and counts what arrived; what was lost before it is no longer in flight either. */
static void take(struct flow *flow, const uint8_t *message, int length, int at_client, uint64_t now) {
    struct leg *leg = &flow->legs[!at_client];
    int start = payload_of(message, length, at_client);
    uint64_t stamp, number;
    if (start >= 0) {
        memcpy(&stamp, message + start, 8);
        memcpy(&number, message + start + 8, 8);
    }
    if (start < 0 || number >> LEG_SHIFT != leg->id ||
        memcmp(message + start + STAMP_BYTES, content(number), (size_t)(options.size - STAMP_BYTES)) != 0) {
        wrong++;
        return;
    }
    uint64_t index = number & ((1ull << LEG_SHIFT) - 1);
    if (index < leg->expected) {
        reordered++;
    } else {
        leg->in_flight -= (int)(index + 1 - leg->expected);
        leg->expected = index + 1;
    }
    leg->moved_at = now;
    if (stamp < count_since) return;
    received++;
    uint64_t tenths = (now - stamp) / 100;
    histogram[tenths < BUCKETS ? tenths : BUCKETS - 1]++;
}

static void receive_datagrams(struct flow *flow, int fd, int at_client) {
    struct mmsghdr headers[RECEIVED_AT_ONCE];
    struct iovec vectors[RECEIVED_AT_ONCE];
    char controls[RECEIVED_AT_ONCE][CMSG_SPACE(sizeof(int))];
    for (int i = 0; i < RECEIVED_AT_ONCE; i++) {
        vectors[i] = (struct iovec){rooms[i], 65536};
        headers[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1, .msg_control = controls[i],
                                             .msg_controllen = sizeof controls[i]};
    }
    int got = recvmmsg(fd, headers, RECEIVED_AT_ONCE, MSG_DONTWAIT, NULL);
    uint64_t now = now_ns();
    for (int i = 0; i < got; i++) {
        int bytes = (int)headers[i].msg_len, segment = bytes;
        struct cmsghdr *control = CMSG_FIRSTHDR(&headers[i].msg_hdr);
        if (control && control->cmsg_level == SOL_UDP && control->cmsg_type == UDP_GRO) {
            memcpy(&segment, CMSG_DATA(control), sizeof segment);
        }
        for (int at = 0; at < bytes; at += segment) {
            take(flow, rooms[i] + at, bytes - at < segment ? bytes - at : segment, at_client, now);
        }
    }
}

static void receive_stream(struct flow *flow) {
    int got, length;
    while ((got = stream_fill(flow->client.stream)) > 0) {
        uint64_t now = now_ns();
        for (const uint8_t *at; (at = stream_next(flow->client.stream, &length));) take(flow, at, length, 1, now);
        if (length < 0) break;
    }
    if (got) {
        fprintf(stderr, "turnload: the server %s a connection\n", got < 0 ? "closes" : "garbles");
        exit(1);
    }
}

static int uses(int to_peer) { return options.direction == BOTH || (options.direction == TO_PEER) == to_peer; }

/* Bursts that one leg may have in flight. */
static int share(void) {
    int legs = options.clients * (options.direction == BOTH ? 2 : 1);
    int bursts = options.window / legs;
    return bursts > 0 ? bursts : 1;
}

static void fill_window(struct flow *flow, int to_peer, int most) {
    struct leg *leg = &flow->legs[to_peer];
    while (leg->in_flight + options.burst <= most && send_burst(flow, to_peer)) {}
}

/* What has not moved for a while was lost, all of it. */
static void restart_stalled(uint64_t now, int most) {
    for (int i = 0; i < options.clients; i++) {
        for (int to_peer = 0; to_peer < 2; to_peer++) {
            struct leg *leg = &flows[i].legs[to_peer];
            if (!uses(to_peer) || now < leg->moved_at + STALLED_NS) continue;
            leg->moved_at = now;
            if (!(to_peer && flows[i].watches_room)) leg->in_flight = 0;
            fill_window(&flows[i], to_peer, most);
        }
    }
}

/* A receiver that sleeps is woken by its sender, at the sender's cost: at a fixed rate this one never sleeps. */
static int await_events(struct epoll_event *events, int most, double interval) {
    return epoll_wait(epoll, events, most, interval > 0 ? 0 : 1);
}

static void run(uint64_t start, uint64_t count_from, uint64_t end, double *seconds, struct cpu *used) {
    struct epoll_event events[64];
    struct cpu from = {0};
    double interval = options.rate > 0 ? 1e9 * options.burst / options.rate : 0, due = (double)start;
    uint64_t turn = 0, checked = 0;
    int most = share() * options.burst;
    for (uint64_t now = start; now < end + DRAIN_NS; now = now_ns()) {
        int sending = now < end;
        if (!counting && sending && now >= count_from) {
            counting = 1;
            count_since = now;
            from = cpu_now();
        }
        if (counting && !sending) {
            counting = 0;
            struct cpu to = cpu_now();
            *used = (struct cpu){to.generator - from.generator, to.server - from.server};
            *seconds = (double)(now - count_since) / 1e9;
        }
        if (sending && options.window && now > checked + STALLED_NS / 10) {
            checked = now;
            restart_stalled(now, most);
        }
        if (sending && interval > 0) {
            for (int left = CATCH_UP; due <= (double)now && left > 0; left--, due += interval, turn++) {
                int to_peer = options.direction == TO_PEER || (options.direction == BOTH && turn & 1);
                uint64_t flow = options.direction == BOTH ? turn / 2 : turn;
                send_burst(&flows[flow % (uint64_t)options.clients], to_peer);
            }
            if ((double)now - due > MOST_LATE_NS) due = (double)now; /* the rate was not reached, and is not made up for */
        }
        int ready = await_events(events, 64, sending ? interval : 0);
        for (int i = 0; i < ready; i++) {
            int at_client = (int)(events[i].data.u64 & 1);
            struct flow *flow = &flows[events[i].data.u64 >> 1];
            if (at_client && flow->client.stream) {
                if (events[i].events & EPOLLOUT) watch_room(flow, stream_flush(flow->client.stream));
                if (events[i].events & ~(uint32_t)EPOLLOUT) receive_stream(flow);
            } else {
                receive_datagrams(flow, at_client ? flow->client.fd : flow->peer, at_client);
            }
            if (options.window && sending) fill_window(flow, !at_client, most);
        }
    }
}

static double percentile(double share) {
    uint64_t wanted = (uint64_t)((double)received * share), seen = 0;
    for (int i = 0; i < BUCKETS; i++) {
        seen += histogram[i];
        if (seen > wanted) return i / 10.0;
    }
    return BUCKETS / 10.0;
}

int relay(void) {
    epoll = epoll_create1(EPOLL_CLOEXEC);
    flows = calloc((size_t)options.clients, sizeof *flows);
    if (epoll < 0 || !flows) turn_fail("memory");
    for (int i = 0; i < PATTERN_BYTES; i++) pattern[i] = (uint8_t)(i * 7 + i / 256);
    for (int i = 0; i < options.clients; i++) open_flow(i);
    uint64_t start = now_ns(), count_from = start + (uint64_t)(options.warmup * 1e9);
    double seconds = 0;
    struct cpu used = {0};
    run(start, count_from, count_from + (uint64_t)(options.seconds * 1e9), &seconds, &used);
    printf("{\"sent\":%lu,\"received\":%lu,\"wrong\":%lu,\"reordered\":%lu,\"refused\":%lu,\"payloadBytes\":%lu,"
           "\"seconds\":%.6f,\"generatorCpuSeconds\":%.6f,\"serverCpuSeconds\":%.6f,\"p50Micros\":%.1f,"
           "\"p99Micros\":%.1f,\"p999Micros\":%.1f,\"cipher\":\"%s\"}\n",
           sent, received, wrong, reordered, refused, received * (uint64_t)options.size, seconds, used.generator,
           used.server, percentile(0.5), percentile(0.99), percentile(0.999), flows[0].client.stream ? stream_cipher(flows[0].client.stream) : "");
    fflush(stdout);
    for (int i = 0; i < options.clients; i++) turn_release(&flows[i].client);
    return wrong == 0;
}
