/* What the parts of the load generator share: what was asked for, and clocks. */
#ifndef TURNLOAD_LOAD_H
#define TURNLOAD_LOAD_H

#include <stdint.h>

#include "turn.h"

enum { CHANNEL = 0x4000 };

enum direction { TO_PEER, TO_CLIENT, BOTH };

enum transport { UDP, TCP, TLS12, TLS13 };

struct options {
    struct sockaddr_in server;
    struct account account;
    enum transport transport;
    enum direction direction;
    int clients;
    int spares; /* allocations beside, which carry nothing */
    int size;   /* payload of a datagram */
    int burst;
    int window; /* bursts in flight, of all clients together; 0: a rate */
    int indications;
    double rate;
    double seconds;
    double warmup;
    int server_pid; /* 0: none whose CPU time is wanted */
};

extern struct options options;

/* Monotonic. */
uint64_t now_ns(void);

/* CPU time, user and system, of all threads that a process has or had. */
struct cpu {
    double generator, server; /* seconds */
};

struct cpu cpu_now(void);

/* A loopback address after 127.0.0.1, with any port if it is 0. */
struct sockaddr_in loopback(int host, int port);

/* Relays through allocations of its own and prints what came of it; whether all that arrived was as it left. */
int relay(void);

#endif
