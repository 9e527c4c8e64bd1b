/* MD5 (RFC 1321), SHA-1 (RFC 3174) and HMAC-SHA-1 (RFC 2104): what a client of TURN's long-term credentials needs. */
#ifndef TURNLOAD_DIGEST_H
#define TURNLOAD_DIGEST_H

#include <stddef.h>
#include <stdint.h>

enum { MD5_BYTES = 16, SHA1_BYTES = 20 };

void md5(const uint8_t *data, size_t length, uint8_t out[MD5_BYTES]);
void hmac_sha1(const uint8_t *key, size_t key_length, const uint8_t *data, size_t length, uint8_t out[SHA1_BYTES]);

#endif
