/*
 * crc.c
 *		Cyclic redundancy checks, a byte at a time with tables.
 *
 * CRC-32 (zlib, PNG, Ethernet) has the polynomial 0x04C11DB7, CRC-32C (iSCSI,
 * RFC 3720) has Castagnoli's 0x1EDC6F41; both take bits in reverse order.
 * CRC-16/XMODEM has 0x1021 (CCITT), starts at 0 and takes bits in their order;
 * it is Redis Cluster's (https://redis.io/docs/reference/cluster-spec).
 */
#include "core/hashes.h"

#include <stdbool.h>

/* What each byte does to a remainder; made when it is first asked for. */
typedef struct crc_table
{
	uint32_t	of_byte[256];
	bool		made;
} crc_table;

/* polynomial has its bits in reverse order */
static const crc_table *
reflected(crc_table *table, uint32_t polynomial)
{
	uint32_t	byte;

	if (table->made)
		return table;
	for (byte = 0; byte < 256; byte++)
	{
		uint32_t	crc = byte;
		int			bit;

		for (bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (crc & 1 ? polynomial : 0);
		table->of_byte[byte] = crc;
	}
	table->made = true;
	return table;
}

static uint32_t
continue_reflected(const crc_table *table, uint32_t crc, const uint8_t *next, size_t length)
{
	crc = ~crc;
	while (length-- > 0)
		crc = (crc >> 8) ^ table->of_byte[(crc ^ *next++) & 0xFF];
	return ~crc;
}

uint32_t
chash_crc32(uint32_t crc, const void *bytes, size_t length)
{
	static crc_table table;

	return continue_reflected(reflected(&table, 0xEDB88320u), crc, bytes, length);
}

uint32_t
chash_crc32c(uint32_t crc, const void *bytes, size_t length)
{
	static crc_table table;

	return continue_reflected(reflected(&table, 0x82F63B78u), crc, bytes, length);
}

static const crc_table *
xmodem(void)
{
	static crc_table table;
	uint32_t	byte;

	if (table.made)
		return &table;
	for (byte = 0; byte < 256; byte++)
	{
		uint32_t	crc = byte << 8;
		int			bit;

		for (bit = 0; bit < 8; bit++)
			crc = (crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0);
		table.of_byte[byte] = crc & 0xFFFF;
	}
	table.made = true;
	return &table;
}

uint32_t
chash_twemproxy_crc16(const void *bytes, size_t length)
{
	const crc_table *table = xmodem();
	const uint8_t *next = bytes;
	uint32_t	crc = 0;

	while (length-- > 0)
		crc = (crc << 8) ^ table->of_byte[((crc >> 8) ^ *next++) & 0xFF];
	return crc;
}

uint16_t
chash_crc16(const void *bytes, size_t length)
{
	/* a remainder depends only on the low 16 bits of the one before */
	return (uint16_t) chash_twemproxy_crc16(bytes, length);
}
