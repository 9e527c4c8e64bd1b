/* A connection to the server over TCP, or TLS above it, that carries STUN messages and ChannelData (RFC 8656 section
 * 12.5: padded to four bytes). Never waits once it is open: what the kernel does not take stays in a buffer. */
#ifndef TURNLOAD_STREAM_H
#define TURNLOAD_STREAM_H

#include <netinet/in.h>
#include <stdint.h>

struct stream;

enum layer { STREAM_TCP, STREAM_TLS12, STREAM_TLS13 };

/* Connects within a few seconds; ends the program if it cannot. TLS is of that version alone, with AES-128-GCM, so that two
 * servers do the same work whatever they prefer. The server's certificate is not checked. */
struct stream *stream_open(struct sockaddr_in server, enum layer layer);

int stream_fd(const struct stream *stream);

/* Protocol and cipher, such as "TLSv1.3 TLS_AES_128_GCM_SHA256"; "" over TCP. */
const char *stream_cipher(const struct stream *stream);

/* Takes whole messages and sends what it can. 0 if it took nothing because too much waits. */
int stream_send(struct stream *stream, const uint8_t *bytes, int length);

/* Sends what waits; whether anything still does. */
int stream_flush(struct stream *stream);

/* Reads once; the bytes, 0 if there are none, or -1 if the server has closed the connection. */
int stream_fill(struct stream *stream);

/* The next whole message that was read, with its padding, valid until stream_fill; NULL if there is none. -1 as its length
 * if what was read is no message. */
const uint8_t *stream_next(struct stream *stream, int *length);

#endif
