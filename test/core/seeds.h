/*
 * seeds.h
 *		Stored routers to begin with, where bytes are changed at random.
 */
#ifndef SEEDS_H
#define SEEDS_H

#include "fixture.h"

/* Routers of all strategies, small ones, so that a change hits every field. */
#define SEEDS		23

typedef struct seed
{
	uint8_t    *bytes;
	size_t		size;
} seed;

extern seed seed_number(unsigned number);

#endif							/* SEEDS_H */
