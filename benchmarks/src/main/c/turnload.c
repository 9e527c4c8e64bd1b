/*
 * Loads a TURN server over UDP and prints what happened as one line of JSON. Clients and peers live in this process: a
 * datagram of a client goes through the server to the client's peer, one of the peer goes back through the relayed
 * address. Every datagram says when it left and what number it has; what arrives is checked and counted.
 *
 *   turnload relay  ... --rate R | --window W   datagrams a second, or as many as W bursts in flight let through
 *   turnload cycle  ...                          allocate, bind, release, again and again
 *   turnload hold   ... --clients N              N allocations; prints a line, then lives until its input ends
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "turn.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

enum {
    CHANNEL = 0x4000,
    CHANNEL_HEADER = 4,
    STAMP_BYTES = 16,
    MOST_BURST = 64,
    RECEIVED_AT_ONCE = 8,
    ROOM = 65536,
    SOCKET_BUFFER = 4 << 20,
    BUCKETS = 2000000,
    DRAIN_NS = 300000000,
    /* Loopback addresses beside 127.0.0.1, which clients that come and go have for themselves. */
    FIRST_SPARE_HOST = 0x100,
    SPARES_A_HOST = 16000,
    FIRST_SPARE_PORT = 20000,
    FIRST_CYCLE_HOST = 0x1000,
    CYCLE_HOSTS = 4096
};

enum direction { TO_PEER, TO_CLIENT, BOTH };

struct options {
    struct sockaddr_in server;
    struct account account;
    int clients;
    int spares; /* allocations beside, which carry nothing */
    int size;
    int burst;
    double rate;
    int window;
    double seconds;
    double warmup;
    enum direction direction;
    int indications;
};

struct flow {
    struct turn_client client;
    int peer;
    struct sockaddr_in peer_address;
    struct sockaddr_in source; /* where the server relays from, as the peer sees it */
    int in_flight;
};

struct figures {
    uint64_t sent, received, wrong;
    double cpu_seconds, seconds;
};

static struct options options;
static struct flow *flows;
static uint32_t *histogram; /* one-way time in tenths of a microsecond */
static struct figures counted;
static int counting;
static uint8_t *burst_buffer;
static uint8_t *rooms;

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           ((double)usage.ru_utime.tv_usec + (double)usage.ru_stime.tv_usec) / 1e6;
}

static void prepare(int fd) {
    int on = 1, bytes = SOCKET_BUFFER;
    setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes);
}

static void open_flow(struct flow *flow) {
    socklen_t length = sizeof flow->peer_address;
    turn_open(&flow->client, options.server, &options.account, (struct sockaddr_in){0});
    flow->peer = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    flow->peer_address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (flow->peer < 0 || bind(flow->peer, (struct sockaddr *)&flow->peer_address, length) ||
        getsockname(flow->peer, (struct sockaddr *)&flow->peer_address, &length)) {
        turn_fail("peer");
    }
    int code = turn_allocate(&flow->client);
    if (!code) {
        code = options.indications ? turn_permit(&flow->client, flow->peer_address)
                                   : turn_bind(&flow->client, CHANNEL, flow->peer_address);
    }
    if (code) {
        fprintf(stderr, "turnload: the server refuses an allocation or a channel: %d\n", code);
        exit(1);
    }
    flow->source = flow->client.relayed;
    if (connect(flow->peer, (struct sockaddr *)&flow->source, sizeof flow->source)) turn_fail("connect peer");
    prepare(flow->client.fd);
    prepare(flow->peer);
}


/* Sends one burst of equal datagrams; answers how many left. */
static int send_burst(struct flow *flow, int to_peer) {
    static uint64_t number;
    int head = 0;
    uint8_t framing[128];
    if (to_peer && options.indications) {
        head = turn_send_head(framing, flow->peer_address, options.size);
    } else if (to_peer) {
        head = CHANNEL_HEADER;
        framing[0] = CHANNEL >> 8;
        framing[1] = CHANNEL & 0xFF;
        framing[2] = (uint8_t)(options.size >> 8);
        framing[3] = (uint8_t)options.size;
    }
    int padding = to_peer && options.indications ? (4 - options.size % 4) % 4 : 0;
    int wire = head + options.size + padding;
    uint64_t stamp = now_ns();
    for (int i = 0; i < options.burst; i++) {
        uint8_t *at = burst_buffer + i * wire;
        memcpy(at, framing, (size_t)head);
        memcpy(at + head, &stamp, 8);
        number++;
        memcpy(at + head + 8, &number, 8);
        for (int k = STAMP_BYTES; k < options.size; k++) at[head + k] = (uint8_t)(k * 7);
        memset(at + head + options.size, 0, (size_t)padding);
    }
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
    ssize_t sent = sendmsg(to_peer ? flow->client.fd : flow->peer, &message, MSG_DONTWAIT);
    if (sent < 0) {
        if (errno == EAGAIN || errno == ECONNREFUSED || errno == ENOBUFS) return 0;
        turn_fail("sendmsg");
    }
    if (counting) counted.sent += (uint64_t)options.burst;
    return options.burst;
}

/* Where the payload of a received datagram begins, or -1 if it is none of ours. */
static int payload_of(const uint8_t *datagram, int length, int at_client) {
    if (!at_client) return length == options.size ? 0 : -1;
    if (length >= CHANNEL_HEADER && datagram[0] == CHANNEL >> 8 && datagram[1] == (CHANNEL & 0xFF) &&
        (datagram[2] << 8 | datagram[3]) == options.size) {
        return CHANNEL_HEADER;
    }
    if (length > 36 && datagram[0] == 0x00 && datagram[1] == 0x17) { /* Data indication: its DATA, wherever it stands */
        for (int at = 20; at + 4 <= length;) {
            int type = datagram[at] << 8 | datagram[at + 1], bytes = datagram[at + 2] << 8 | datagram[at + 3];
            if (type == 0x0013) return bytes == options.size && at + 4 + bytes <= length ? at + 4 : -1;
            at += 4 + (bytes + 3) / 4 * 4;
        }
    }
    return -1;
}

static void take(const uint8_t *datagram, int length, int at_client, uint64_t now, uint64_t since) {
    int start = payload_of(datagram, length, at_client);
    if (start < 0 || datagram[start + options.size - 1] != (uint8_t)((options.size - 1) * 7)) {
        counted.wrong++;
        return;
    }
    uint64_t stamp;
    memcpy(&stamp, datagram + start, 8);
    if (stamp < since) return;
    counted.received++;
    uint64_t tenths = (now - stamp) / 100;
    histogram[tenths < BUCKETS ? tenths : BUCKETS - 1]++;
}

/* Reads what a socket has; answers datagrams. */
static int receive(int fd, int at_client, uint64_t since) {
    struct mmsghdr headers[RECEIVED_AT_ONCE];
    struct iovec vectors[RECEIVED_AT_ONCE];
    char controls[RECEIVED_AT_ONCE][CMSG_SPACE(sizeof(int))];
    for (int i = 0; i < RECEIVED_AT_ONCE; i++) {
        vectors[i] = (struct iovec){rooms + (size_t)i * (ROOM + 4160), ROOM};
        headers[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1, .msg_control = controls[i],
                                             .msg_controllen = sizeof controls[i]};
    }
    int got = recvmmsg(fd, headers, RECEIVED_AT_ONCE, MSG_DONTWAIT, NULL);
    if (got < 0) return 0;
    uint64_t now = now_ns();
    int datagrams = 0;
    for (int i = 0; i < got; i++) {
        int bytes = (int)headers[i].msg_len, segment = bytes;
        struct cmsghdr *control = CMSG_FIRSTHDR(&headers[i].msg_hdr);
        if (control && control->cmsg_level == SOL_UDP && control->cmsg_type == UDP_GRO) {
            memcpy(&segment, CMSG_DATA(control), sizeof segment);
        }
        const uint8_t *room = rooms + (size_t)i * (ROOM + 4160);
        for (int at = 0; at < bytes; at += segment, datagrams++) {
            take(room + at, bytes - at < segment ? bytes - at : segment, at_client, now, since);
        }
    }
    return datagrams;
}

static void watch(int epoll, int fd, uint64_t tag) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = tag};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) turn_fail("epoll_ctl");
}

static double percentile(uint64_t total, double share) {
    uint64_t wanted = (uint64_t)((double)total * share), seen = 0;
    for (int i = 0; i < BUCKETS; i++) {
        seen += histogram[i];
        if (seen > wanted) return i / 10.0;
    }
    return BUCKETS / 10.0;
}

static void relay(void) {
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event events[64];
    for (int i = 0; i < options.clients; i++) {
        watch(epoll, flows[i].client.fd, (uint64_t)i << 1 | 1);
        watch(epoll, flows[i].peer, (uint64_t)i << 1);
    }
    uint64_t start = now_ns(), count_from = start + (uint64_t)(options.warmup * 1e9);
    uint64_t end = count_from + (uint64_t)(options.seconds * 1e9), since = UINT64_MAX;
    double cpu = 0, interval = options.rate > 0 ? 1e9 * options.burst / options.rate : 0;
    double due = (double)start;
    int turn = 0;
    if (options.window) {
        for (int i = 0; i < options.window; i++) {
            struct flow *flow = &flows[i % options.clients];
            flow->in_flight += send_burst(flow, options.direction != TO_CLIENT);
        }
    }
    uint64_t progress = start;
    for (uint64_t now = start; now < end + DRAIN_NS; now = now_ns()) {
        if (!counting && now >= count_from && now < end) {
            counting = 1;
            since = now;
            cpu = cpu_seconds();
            printf("{\"counting\":true}\n");
            fflush(stdout);
        }
        if (counting && now >= end) {
            counting = 0;
            counted.cpu_seconds = cpu_seconds() - cpu;
            counted.seconds = (double)(now - since) / 1e9;
            printf("{\"counting\":false}\n");
            fflush(stdout);
        }
        int sending = now < end;
        if (sending && interval > 0) {
            for (int most = 64; due <= (double)now && most > 0; most--, due += interval, turn++) {
                int to_peer = options.direction == TO_PEER || (options.direction == BOTH && turn & 1);
                send_burst(&flows[(options.direction == BOTH ? turn / 2 : turn) % options.clients], to_peer);
            }
            if ((double)now - due > 5e7) due = (double)now; /* what is too late is not sent: the rate was not reached */
        }
        /* A receiver that sleeps is woken by its sender, at the sender's cost: at a fixed rate this one never sleeps. */
        int ready = epoll_wait(epoll, events, 64, interval > 0 ? 0 : 1);
        for (int i = 0; i < ready; i++) {
            int at_client = (int)(events[i].data.u64 & 1);
            struct flow *flow = &flows[events[i].data.u64 >> 1];
            int got = receive(at_client ? flow->client.fd : flow->peer, at_client, since);
            if (options.window && got > 0) {
                progress = now;
                flow->in_flight -= got;
                if (sending) {
                    int bursts = (got + options.burst - 1) / options.burst;
                    for (int k = 0; k < bursts; k++) {
                        int to_peer = options.direction == TO_PEER ||
                                      (options.direction == BOTH && turn++ & 1);
                        flow->in_flight += send_burst(flow, to_peer);
                    }
                }
            }
        }
        if (options.window && sending && now - progress > 100000000) { /* all were lost: begin again */
            progress = now;
            for (int i = 0; i < options.window; i++) send_burst(&flows[i % options.clients], options.direction != TO_CLIENT);
        }
    }
    uint64_t total = counted.received;
    printf("{\"sent\":%lu,\"received\":%lu,\"wrong\":%lu,\"seconds\":%.6f,\"generatorCpuSeconds\":%.6f,"
           "\"p50Micros\":%.1f,\"p99Micros\":%.1f,\"p999Micros\":%.1f}\n",
           counted.sent, total, counted.wrong, counted.seconds, counted.cpu_seconds, percentile(total, 0.5),
           percentile(total, 0.99), percentile(total, 0.999));
}

/* A loopback address after 127.0.0.1, with any port if it is 0. */
static struct sockaddr_in loopback(uint32_t host, int port) {
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + host),
                                .sin_port = htons((uint16_t)port)};
}

static void cycle(void) {
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(9)};
    uint64_t start = now_ns(), count_from = start + (uint64_t)(options.warmup * 1e9);
    uint64_t end = count_from + (uint64_t)(options.seconds * 1e9), since = 0, cycles = 0, failed = 0, host = 0;
    double cpu = 0;
    for (uint64_t now = start; now < end; now = now_ns()) {
        if (!since && now >= count_from) {
            since = now;
            cycles = failed = 0;
            cpu = cpu_seconds();
            printf("{\"counting\":true}\n");
            fflush(stdout);
        }
        struct turn_client client;
        /* A server may remember a client's address for a while: each comes from another. */
        turn_open(&client, options.server, &options.account,
                  loopback(FIRST_CYCLE_HOST + (uint32_t)(host++ % CYCLE_HOSTS), 0));
        int code = turn_allocate(&client);
        if (!code) code = turn_bind(&client, CHANNEL, peer);
        if (!code) code = turn_release(&client);
        if (code) failed++; else cycles++;
        close(client.fd);
    }
    printf("{\"counting\":false}\n");
    printf("{\"cycles\":%lu,\"failed\":%lu,\"seconds\":%.6f,\"generatorCpuSeconds\":%.6f}\n", cycles, failed,
           (double)(now_ns() - since) / 1e9, cpu_seconds() - cpu);
}

static void open_spares(void) {
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(9)};
    for (int i = 0; i < options.spares; i++) {
        struct turn_client client;
        /* Each from an address and port of its own: the kernel gives a closed socket's port out again. */
        turn_open(&client, options.server, &options.account,
                  loopback(FIRST_SPARE_HOST + (uint32_t)(i / SPARES_A_HOST), FIRST_SPARE_PORT + i % SPARES_A_HOST));
        int code = turn_allocate(&client);
        if (!code) code = turn_bind(&client, CHANNEL, peer);
        if (code) {
            fprintf(stderr, "turnload: allocation %d is refused: %d\n", i, code);
            exit(1);
        }
        close(client.fd);
    }
}

static void raise_descriptors(void) {
    struct rlimit limit = {1 << 20, 1 << 20};
    if (setrlimit(RLIMIT_NOFILE, &limit)) {
        getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void parse(int argc, char **argv) {
    static const struct option known[] = {
        {"port", 1, 0, 'p'},    {"user", 1, 0, 'u'},   {"password", 1, 0, 'w'}, {"clients", 1, 0, 'c'},
        {"size", 1, 0, 's'},    {"burst", 1, 0, 'b'},  {"rate", 1, 0, 'r'},     {"window", 1, 0, 'W'},
        {"seconds", 1, 0, 't'}, {"warmup", 1, 0, 'U'}, {"direction", 1, 0, 'd'}, {"indications", 0, 0, 'i'},
        {"spares", 1, 0, 'x'},  {0, 0, 0, 0}};
    options = (struct options){.server = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
                               .account = {"demo", "demo"}, .clients = 1, .size = 172, .burst = 1, .seconds = 2,
                               .warmup = 0.5, .direction = BOTH};
    optind = 2;
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (option) {
        case 'p': options.server.sin_port = htons((uint16_t)atoi(optarg)); break;
        case 'u': options.account.user = optarg; break;
        case 'w': options.account.password = optarg; break;
        case 'c': options.clients = atoi(optarg); break;
        case 's': options.size = atoi(optarg); break;
        case 'b': options.burst = atoi(optarg); break;
        case 'r': options.rate = atof(optarg); break;
        case 'W': options.window = atoi(optarg); break;
        case 't': options.seconds = atof(optarg); break;
        case 'U': options.warmup = atof(optarg); break;
        case 'i': options.indications = 1; break;
        case 'x': options.spares = atoi(optarg); break;
        case 'd':
            options.direction = strcmp(optarg, "to-peer") == 0 ? TO_PEER
                              : strcmp(optarg, "to-client") == 0 ? TO_CLIENT : BOTH;
            break;
        default: exit(2);
        }
    }
    if (options.size < STAMP_BYTES || options.size > 1400 || options.burst < 1 || options.burst > MOST_BURST ||
        (options.size + 64) * options.burst > 65000 || options.clients < 1) {
        fprintf(stderr, "turnload: --size 16 to 1400, --burst 1 to 64 and together under 65,000 bytes\n");
        exit(2);
    }
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: turnload relay|cycle|hold --port P [options]\n");
        return 2;
    }
    parse(argc, argv);
    raise_descriptors();
    burst_buffer = malloc(ROOM);
    rooms = malloc((size_t)RECEIVED_AT_ONCE * (ROOM + 4160));
    histogram = calloc(BUCKETS, sizeof *histogram);
    if (!burst_buffer || !rooms || !histogram) turn_fail("memory");
    if (strcmp(argv[1], "cycle") == 0) {
        cycle();
        return 0;
    }
    open_spares();
    if (strcmp(argv[1], "hold") == 0) {
        printf("{\"allocations\":%d}\n", options.spares);
        fflush(stdout);
        while (getchar() != EOF) {}
        return 0;
    }
    flows = calloc((size_t)options.clients, sizeof *flows);
    if (!flows) turn_fail("memory");
    for (int i = 0; i < options.clients; i++) open_flow(&flows[i]);
    relay();
    for (int i = 0; i < options.clients; i++) turn_release(&flows[i].client);
    return counted.wrong ? 1 : 0;
}
