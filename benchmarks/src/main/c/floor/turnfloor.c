/*
 * The least that relaying can cost on this machine: answers a TURN client well enough that turnload takes it for a server, checks
 * nothing, counts nothing, and moves ChannelData with as few system calls as Linux allows: recvmmsg, sendmsg, UDP GRO and
 * GSO, on one thread. Not a TURN server. turnfloor PORT RELAY-HOST
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

enum {
    ROOMS = 16,
    RELAY_ROOMS = 4,
    ROOM = 65536,
    MOST_CLIENTS = 65536,
    MOST_SEGMENTS = 64,
    LISTENER_BUFFER = 4 << 20,
    COOKIE = 0x2112A442,
    HEADER = 20,
    CHANNEL_HEADER = 4,
    ANSWER_BYTES = 256
};

struct relayed {
    struct sockaddr_in client, address, peer;
    uint8_t head[CHANNEL_HEADER];
    int fd;
};

static int listener;
static struct in_addr relay_host;
static struct relayed *by_port[65536]; /* of the client: turnload's clients have one address */
static uint8_t rooms[ROOMS][ROOM];
static struct sockaddr_in names[ROOMS];
static struct iovec vectors[ROOMS], gathered[2 * MOST_SEGMENTS];
static char controls[ROOMS][CMSG_SPACE(sizeof(int))];
static struct mmsghdr headers[ROOMS];
static uint8_t heads[MOST_SEGMENTS][CHANNEL_HEADER];

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int get16(const uint8_t *at) { return at[0] << 8 | at[1]; }

static void put16(uint8_t *at, int value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static int open_socket(struct sockaddr_in *address, int buffer) {
    int on = 1, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t length = sizeof *address;
    if (fd < 0 || bind(fd, (struct sockaddr *)address, length) || getsockname(fd, (struct sockaddr *)address, &length)) {
        fail("socket");
    }
    setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof on);
    if (buffer) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    return fd;
}

static int receive(int fd, int most) {
    for (int i = 0; i < most; i++) {
        vectors[i] = (struct iovec){rooms[i], ROOM};
        headers[i].msg_hdr = (struct msghdr){.msg_name = &names[i], .msg_namelen = sizeof names[i], .msg_iov = &vectors[i],
                                             .msg_iovlen = 1, .msg_control = controls[i], .msg_controllen = sizeof controls[i]};
    }
    return recvmmsg(fd, headers, (unsigned)most, MSG_DONTWAIT, NULL);
}

static int segment_of(int room) {
    int segment = (int)headers[room].msg_len;
    struct cmsghdr *control = CMSG_FIRSTHDR(&headers[room].msg_hdr);
    if (control && control->cmsg_type == UDP_GRO) memcpy(&segment, CMSG_DATA(control), sizeof segment);
    return segment;
}

/* Sends the parts gathered so far, as one burst if there are several datagrams. */
static void send_gathered(int fd, struct sockaddr_in *to, int parts, int segment, int datagrams) {
    char control[CMSG_SPACE(sizeof(uint16_t))] = {0};
    struct msghdr message = {.msg_name = to, .msg_namelen = sizeof *to, .msg_iov = gathered, .msg_iovlen = (size_t)parts};
    if (datagrams > 1) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_UDP;
        header->cmsg_type = UDP_SEGMENT;
        header->cmsg_len = CMSG_LEN(sizeof(uint16_t));
        uint16_t bytes = (uint16_t)segment;
        memcpy(CMSG_DATA(header), &bytes, sizeof bytes);
    }
    sendmsg(fd, &message, MSG_DONTWAIT);
}

static void to_peer(struct relayed *relayed, uint8_t *data, int bytes, int segment) {
    int parts = 0;
    for (int at = 0; at < bytes; at += segment) {
        gathered[parts++] = (struct iovec){data + at + CHANNEL_HEADER, (size_t)get16(data + at + 2)};
    }
    send_gathered(relayed->fd, &relayed->peer, parts, segment - CHANNEL_HEADER, parts);
}

static void to_client(struct relayed *relayed, uint8_t *data, int bytes, int segment) {
    int parts = 0, datagrams = 0;
    for (int at = 0; at < bytes; at += segment, datagrams++) {
        int length = bytes - at < segment ? bytes - at : segment;
        memcpy(heads[datagrams], relayed->head, 2);
        put16(heads[datagrams] + 2, length);
        gathered[parts++] = (struct iovec){heads[datagrams], CHANNEL_HEADER};
        gathered[parts++] = (struct iovec){data + at, (size_t)length};
    }
    send_gathered(listener, &relayed->client, parts, segment + CHANNEL_HEADER, datagrams);
}

static int add(uint8_t *answer, int length, int type, const void *value, int bytes) {
    put16(answer + length, type);
    put16(answer + length + 2, bytes);
    memcpy(answer + length + 4, value, (size_t)bytes);
    return length + 4 + (bytes + 3) / 4 * 4;
}

static void xor_address(uint8_t value[8], struct sockaddr_in address) {
    uint32_t host = htonl(ntohl(address.sin_addr.s_addr) ^ (uint32_t)COOKIE);
    value[0] = 0;
    value[1] = 1;
    put16(value + 2, ntohs(address.sin_port) ^ (int)((uint32_t)COOKIE >> 16));
    memcpy(value + 4, &host, 4);
}

static const uint8_t *find(const uint8_t *message, int bytes, int type) {
    for (int at = HEADER; at + 4 <= bytes; at += 4 + (get16(message + at + 2) + 3) / 4 * 4) {
        if (get16(message + at) == type) return message + at + 4;
    }
    return NULL;
}

static struct relayed *open_relay(int epoll, struct sockaddr_in client) {
    struct relayed *relayed = calloc(1, sizeof *relayed);
    if (!relayed) fail("memory");
    relayed->client = client;
    relayed->address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = relay_host};
    relayed->fd = open_socket(&relayed->address, 0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = relayed};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, relayed->fd, &event)) fail("epoll_ctl");
    return relayed;
}

/* Whatever is signed is believed. */
static void request(int epoll, const uint8_t *message, int bytes, struct sockaddr_in client) {
    uint8_t answer[ANSWER_BYTES] = {0}, address[8];
    int method = get16(message), length = HEADER;
    struct relayed **slot = &by_port[ntohs(client.sin_port)];
    memcpy(answer, message, HEADER);
    put16(answer, method | 0x100);
    const uint8_t *peer = find(message, bytes, 0x0012), *channel = find(message, bytes, 0x000C);
    if (method == 0x003 && !find(message, bytes, 0x0008)) {
        put16(answer, method | 0x110);
        length = add(answer, length, 0x0009, "\0\0\4\1", 4);
        length = add(answer, length, 0x0014, "turnpike", 8);
        length = add(answer, length, 0x0015, "nonce", 5);
    } else if (method == 0x003) {
        if (!*slot) *slot = open_relay(epoll, client);
        xor_address(address, (*slot)->address);
        length = add(answer, length, 0x0016, address, 8);
    } else if (method == 0x009 && *slot && peer && channel) {
        uint32_t host;
        memcpy(&host, peer + 4, 4);
        (*slot)->peer = (struct sockaddr_in){.sin_family = AF_INET,
                                             .sin_port = htons((uint16_t)(get16(peer + 2) ^ (int)((uint32_t)COOKIE >> 16))),
                                             .sin_addr.s_addr = htonl(ntohl(host) ^ (uint32_t)COOKIE)};
        memcpy((*slot)->head, channel, 2);
    } else if (method == 0x004 && *slot) {
        close((*slot)->fd);
        free(*slot);
        *slot = NULL;
    }
    put16(answer + 2, length - HEADER);
    sendto(listener, answer, (size_t)length, MSG_DONTWAIT, (struct sockaddr *)&client, sizeof client);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: turnfloor PORT RELAY-HOST\n");
        return 2;
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    inet_aton(argv[2], &relay_host);
    listener = open_socket(&address, LISTENER_BUFFER);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event ready[256], event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event)) fail("epoll_ctl");
    for (;;) {
        int count = epoll_wait(epoll, ready, 256, -1);
        for (int i = 0; i < count; i++) {
            struct relayed *relayed = ready[i].data.ptr;
            int got = relayed ? receive(relayed->fd, RELAY_ROOMS) : receive(listener, ROOMS);
            for (int room = 0; room < got; room++) {
                int bytes = (int)headers[room].msg_len;
                if (bytes == 0) continue;
                if (relayed) {
                    to_client(relayed, rooms[room], bytes, segment_of(room));
                } else if (rooms[room][0] < 0x40) {
                    request(epoll, rooms[room], bytes, names[room]);
                } else if (by_port[ntohs(names[room].sin_port)]) {
                    to_peer(by_port[ntohs(names[room].sin_port)], rooms[room], bytes, segment_of(room));
                }
            }
        }
    }
}
