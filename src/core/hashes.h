/*
 * hashes.h
 *		The hash functions that chash has written itself, bytes in and an
 *		integer out.  Where each comes from is said in its file.
 *
 * None can fail, none keeps the bytes, and all give the same on every machine.
 * hash.c has the rows under which routers use them.
 */
#ifndef CHASH_HASHES_H
#define CHASH_HASHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- crc.c ---- */

/* Continue the CRC-32 or CRC-32C of some bytes, which is 0 of none, with more. */
extern uint32_t chash_crc32(uint32_t crc, const void *bytes, size_t length);
extern uint32_t chash_crc32c(uint32_t crc, const void *bytes, size_t length);

/* CRC-16/XMODEM, as in Redis Cluster. */
extern uint16_t chash_crc16(const void *bytes, size_t length);

/* The same without cutting its accumulator off at 16 bits, as twemproxy does. */
extern uint32_t chash_twemproxy_crc16(const void *bytes, size_t length);

/* ---- fnv.c ---- */

/* FNV-1a of 32 bits. */
extern uint32_t chash_fnv1a_32(const void *bytes, size_t length);

/* Those of libhashkit and twemproxy, where bytes above 127 are negative. */
extern uint32_t chash_hashkit_fnv1_32(const void *bytes, size_t length);
extern uint32_t chash_hashkit_fnv1a_32(const void *bytes, size_t length);
extern uint32_t chash_hashkit_fnv1_64(const void *bytes, size_t length);
extern uint32_t chash_hashkit_fnv1a_64(const void *bytes, size_t length);

/* ---- hashkit.c ---- */

extern uint32_t chash_hashkit_one_at_a_time(const void *bytes, size_t length);
extern uint32_t chash_hashkit_crc32(const void *bytes, size_t length);
extern uint32_t chash_hashkit_hsieh(const void *bytes, size_t length);
extern uint32_t chash_hashkit_murmur(const void *bytes, size_t length);
extern uint32_t chash_hashkit_murmur3(const void *bytes, size_t length);
extern uint32_t chash_hashkit_jenkins(const void *bytes, size_t length);

/* ---- haproxy.c ---- */

extern uint32_t chash_haproxy_sdbm(const void *bytes, size_t length);
extern uint32_t chash_haproxy_djb2(const void *bytes, size_t length);
extern uint32_t chash_haproxy_wt6(const void *bytes, size_t length);

/* What HAProxy calls "avalanche", and by which it also places its servers. */
extern uint32_t chash_haproxy_avalanche(uint32_t hash);

/* ---- murmur3.c ---- */

/* MurmurHash3_x86_32 */
extern uint32_t chash_murmur3_32(const void *bytes, size_t length, uint32_t seed);

/* MurmurHash3_x64_128 with the seed 0: its halves h1 and h2. */
extern void chash_murmur3_128(const void *bytes, size_t length, uint64_t half[2]);

/*
 * The token that Cassandra's Murmur3Partitioner gives to a partition key of
 * these bytes, plus 2^63: unsigned, in the order of the signed tokens.
 */
extern uint64_t chash_cassandra(const void *bytes, size_t length);

/* ---- siphash.c ---- */

/* SipHash-2-4; the key's halves are its 16 bytes read as little-endian integers. */
extern uint64_t chash_siphash24(uint64_t key0, uint64_t key1, const void *bytes, size_t length);

/* ---- farmhash.c ---- */

/* FarmHash's Fingerprint64. */
extern uint64_t chash_farmhash64(const void *bytes, size_t length);

#endif							/* CHASH_HASHES_H */
