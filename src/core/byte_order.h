/*
 * byte_order.h
 *		What hash functions do with bytes and words, the same on every machine
 *		and at any address.
 */
#ifndef CHASH_BYTE_ORDER_H
#define CHASH_BYTE_ORDER_H

#include <stddef.h>
#include <stdint.h>

/* Integers from bytes, the least significant first. */
static inline uint32_t
chash_load32(const uint8_t *bytes)
{
	return (uint32_t) bytes[0] | (uint32_t) bytes[1] << 8 |
		(uint32_t) bytes[2] << 16 | (uint32_t) bytes[3] << 24;
}

static inline uint64_t
chash_load64(const uint8_t *bytes)
{
	return chash_load32(bytes) | (uint64_t) chash_load32(bytes + 4) << 32;
}

/* The same of count bytes, 0 to 8. */
static inline uint64_t
chash_load_some(const uint8_t *bytes, size_t count)
{
	uint64_t	value = 0;

	while (count-- > 0)
		value = (value << 8) | bytes[count];
	return value;
}

/* A byte that is taken for a signed one: above 127, all higher bits are set. */
static inline uint32_t
chash_signed_byte32(uint8_t byte)
{
	return (byte ^ 0x80u) - 0x80u;
}

static inline uint64_t
chash_signed_byte64(uint8_t byte)
{
	return (byte ^ UINT64_C(0x80)) - UINT64_C(0x80);
}

/* To the left, 0 <= bits < 32. */
static inline uint32_t
chash_rotate32(uint32_t value, unsigned bits)
{
	return (value << bits) | (value >> ((0u - bits) & 31));
}

/* To the left, 0 <= bits < 64. */
static inline uint64_t
chash_rotate64(uint64_t value, unsigned bits)
{
	return (value << bits) | (value >> ((0u - bits) & 63));
}

#endif							/* CHASH_BYTE_ORDER_H */
