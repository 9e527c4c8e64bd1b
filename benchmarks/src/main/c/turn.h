/* As much of a TURN client (RFC 8656) over UDP, TCP and TLS as the load generator needs.
 * Calls wait for their answers, and not for ever. */
#ifndef TURNLOAD_TURN_H
#define TURNLOAD_TURN_H

#include <netinet/in.h>
#include <stdint.h>

#include "stream.h"

enum { NONCE_BYTES = 256, REALM_BYTES = 128 };

struct account {
    const char *user;
    const char *password;
};

struct turn_client {
    int fd;
    struct stream *stream; /* NULL over UDP */
    int ipv6;              /* whether to ask for a relayed address of that family */
    int tries;             /* of each request over UDP */
    int spins;             /* whether it looks for an answer over UDP without sleeping */
    const struct account *account;
    uint8_t key[16];
    char realm[REALM_BYTES];
    char nonce[NONCE_BYTES];
    struct sockaddr_in relayed;
};

/* A socket connected to the server; of any address and port if local is all zero. Ends the program if there is none. */
void turn_open(struct turn_client *client, struct sockaddr_in server, const struct account *account,
               struct sockaddr_in local);

/* Another socket for a client that keeps what it has learnt. */
void turn_reopen(struct turn_client *client, struct sockaddr_in server, struct sockaddr_in local);

/* A client over TCP or TLS. */
void turn_open_stream(struct turn_client *client, struct sockaddr_in server, const struct account *account,
                      enum layer layer);

/* 401, then Allocate for 10 minutes. 0, or a STUN error code, or -1 without an answer. */
int turn_allocate(struct turn_client *client);

/* Binds a channel, 0x4000 and up, to a peer; of an IPv6 client to ::1. Answers as turn_allocate. */
int turn_bind(struct turn_client *client, int channel, struct sockaddr_in peer);

/* Installs a permission. Answers as turn_allocate. */
int turn_permit(struct turn_client *client, struct sockaddr_in peer);

/* Ends the allocation, with little patience. Answers as turn_allocate. */
int turn_release(struct turn_client *client);

/* Writes a Send indication up to its data; answers the bytes written. The data and its padding follow. */
int turn_send_head(uint8_t *out, struct sockaddr_in peer, int data_bytes);

void turn_fail(const char *what);

#endif
