/*
 * Loads a TURN server over UDP, TCP or TLS and prints what happened as one line of JSON. Clients and peers live in this
 * process: a datagram of a client goes through the server to the client's peer, one of the peer goes back through the
 * relayed address. Every datagram says when it left and what number it has; what arrives is checked and counted.
 *
 *   turnload relay  ... --rate R | --window W   datagrams a second, or as many as W bursts in flight let through
 *   turnload cycle  ...                         allocate, bind, release, again and again
 *   turnload hold   ... --spares N              N allocations; prints a line, then lives until its input ends
 *
 * It ends in bounded time whatever the server does: 0 if all that came back was as it left.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

enum {
    STAMP_BYTES = 16,
    MOST_SIZE = 1400,
    MOST_BURST = 64,
    MOST_BURST_BYTES = 65000,
    PATIENCE_SECONDS = 60,
    SPARES_A_SECOND = 200, /* of the slowest server that is waited for */
    /* Loopback addresses beside 127.0.0.1, which clients that come and go have for themselves. */
    FIRST_SPARE_HOST = 0x100,
    SPARES_A_HOST = 16000,
    FIRST_SPARE_PORT = 20000,
    FIRST_CYCLE_HOST = 0x1000,
    CYCLE_HOSTS = 4096, /* up to 0x2000 */
    /* One address has no more ports than this to relay from; beyond, IPv6 is asked for. */
    SPARES_ON_IPV4 = 50000
};

struct options options;

uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static double seconds_of(clockid_t clock) {
    struct timespec time;
    return clock_gettime(clock, &time) ? 0 : (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

struct cpu cpu_now(void) {
    struct cpu cpu = {.generator = seconds_of(CLOCK_PROCESS_CPUTIME_ID)};
    clockid_t clock;
    if (options.server_pid && !clock_getcpuclockid(options.server_pid, &clock)) cpu.server = seconds_of(clock);
    return cpu;
}

struct sockaddr_in loopback(int host, int port) {
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)host),
                                .sin_port = htons((uint16_t)port)};
}

static int cycle(void) {
    struct sockaddr_in peer = loopback(0, 9);
    uint64_t count_from = now_ns() + (uint64_t)(options.warmup * 1e9), since = 0, cycles = 0, failed = 0;
    uint64_t end = count_from + (uint64_t)(options.seconds * 1e9);
    struct cpu from = {0}, to;
    int host = 0, in_a_row = 0;
    for (uint64_t now = 0; now < end && in_a_row < 3; now = now_ns()) {
        if (!since && now >= count_from) {
            since = now;
            cycles = failed = 0;
            from = cpu_now();
        }
        struct turn_client client;
        /* A server may remember a client's address for a while: each comes from another. */
        turn_open(&client, options.server, &options.account, loopback(FIRST_CYCLE_HOST + host++ % CYCLE_HOSTS, 0));
        client.spins = 1; /* or the server would pay for waking it */
        int code = turn_allocate(&client);
        if (!code) code = turn_bind(&client, CHANNEL, peer);
        if (!code) code = turn_release(&client);
        if (code) failed++; else cycles++;
        in_a_row = code < 0 ? in_a_row + 1 : 0;
        close(client.fd);
    }
    to = cpu_now();
    printf("{\"cycles\":%lu,\"failed\":%lu,\"seconds\":%.6f,\"generatorCpuSeconds\":%.6f,\"serverCpuSeconds\":%.6f}\n",
           cycles, failed, since ? (double)(now_ns() - since) / 1e9 : 0, to.generator - from.generator,
           to.server - from.server);
    if (in_a_row) fprintf(stderr, "turnload: the server does not answer\n");
    return in_a_row == 0;
}

/* Each from an address and port of its own: the kernel gives a closed socket's port out again. */
static struct sockaddr_in spare_address(int index) {
    return loopback(FIRST_SPARE_HOST + index / SPARES_A_HOST, FIRST_SPARE_PORT + index % SPARES_A_HOST);
}

static struct turn_client *open_spares(void) {
    struct sockaddr_in peer = loopback(0, 9);
    struct turn_client *spares = calloc((size_t)options.spares + 1, sizeof *spares);
    if (!spares) turn_fail("memory");
    for (int i = 0; i < options.spares; i++) {
        turn_open(&spares[i], options.server, &options.account, spare_address(i));
        spares[i].ipv6 = i >= SPARES_ON_IPV4;
        int code = turn_allocate(&spares[i]);
        if (!code) code = turn_bind(&spares[i], CHANNEL, peer);
        if (code) {
            fprintf(stderr, "turnload: allocation %d is refused: %d\n", i + 1, code);
            exit(1);
        }
        close(spares[i].fd);
    }
    return spares;
}

static void release_spares(struct turn_client *spares) {
    for (int i = 0, code = 0; i < options.spares && code >= 0; i++) {
        turn_reopen(&spares[i], options.server, spare_address(i));
        code = turn_release(&spares[i]);
        close(spares[i].fd);
    }
    free(spares);
}

static int hold(void) {
    struct turn_client *spares = open_spares();
    printf("{\"allocations\":%d}\n", options.spares);
    fflush(stdout);
    alarm(0);
    while (getchar() != EOF) {}
    alarm((unsigned)(PATIENCE_SECONDS + options.spares / SPARES_A_SECOND));
    release_spares(spares);
    return 1;
}

static void raise_descriptors(void) {
    struct rlimit limit = {1 << 20, 1 << 20};
    if (setrlimit(RLIMIT_NOFILE, &limit)) {
        getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int named(const char *name, const char *const *names) {
    for (int i = 0; names[i]; i++) {
        if (strcmp(name, names[i]) == 0) return i;
    }
    fprintf(stderr, "turnload: %s is not known\n", name);
    exit(2);
}

static void check(void) {
    if (options.size < STAMP_BYTES || options.size > MOST_SIZE || options.burst < 1 || options.burst > MOST_BURST ||
        (options.size + 64) * options.burst > MOST_BURST_BYTES || options.clients < 1 || options.spares < 0) {
        fprintf(stderr, "turnload: --size 16 to 1400, --burst 1 to 64 and together under 65,000 bytes\n");
        exit(2);
    }
    if (options.transport != UDP && options.indications) {
        fprintf(stderr, "turnload: --indications only over udp\n");
        exit(2);
    }
}

static void parse(int argc, char **argv) {
    static const char *const transports[] = {"udp", "tcp", "tls1.2", "tls1.3", NULL};
    static const char *const directions[] = {"to-peer", "to-client", "both", NULL};
    static const struct option known[] = {
        {"port", 1, 0, 'p'},    {"user", 1, 0, 'u'},   {"password", 1, 0, 'w'},  {"clients", 1, 0, 'c'},
        {"size", 1, 0, 's'},    {"burst", 1, 0, 'b'},  {"rate", 1, 0, 'r'},      {"window", 1, 0, 'W'},
        {"seconds", 1, 0, 't'}, {"warmup", 1, 0, 'U'}, {"direction", 1, 0, 'd'}, {"indications", 0, 0, 'i'},
        {"spares", 1, 0, 'x'},  {"transport", 1, 0, 'T'}, {"pid", 1, 0, 'P'}, {0, 0, 0, 0}};
    options = (struct options){.server = loopback(0, 0), .account = {"demo", "demo"}, .clients = 1, .size = 172,
                               .burst = 1, .seconds = 2, .warmup = 0.5, .direction = BOTH};
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
        case 'P': options.server_pid = atoi(optarg); break;
        case 'T': options.transport = (enum transport)named(optarg, transports); break;
        case 'd': options.direction = (enum direction)named(optarg, directions); break;
        default: exit(2);
        }
    }
    check();
}

int main(int argc, char **argv) {
    static const char *const commands[] = {"relay", "cycle", "hold", NULL};
    if (argc < 2) {
        fprintf(stderr, "usage: turnload relay|cycle|hold --port P [options]\n");
        return 2;
    }
    int command = named(argv[1], commands);
    parse(argc, argv);
    raise_descriptors();
    alarm((unsigned)(options.warmup + options.seconds) + PATIENCE_SECONDS +
          (unsigned)(options.spares / SPARES_A_SECOND));
    switch (command) {
    case 0: return !relay();
    case 1: return !cycle();
    default: return !hold();
    }
}
