/*
 * aim.h
 *		How many rows a step is to move, by how long the last one held its locks.
 */
#ifndef CHASH_AIM_H
#define CHASH_AIM_H

#include "router/compat.h"

/* The rows of a first step, from which the next ones learn. */
#define CHASH_FIRST_AIM		100

/* Where nothing is to be moved the aim grows with each step. */
#define CHASH_HIGHEST_AIM	1000000000

/* A step takes up this part of max_lock, as not all of them take equally long. */
#define CHASH_AIM_OF_LOCK	0.8

/* The aim of the next step, from that of the last one, and what it moved and took. */
static inline double
chash_next_aim(double aim, int64 moved, int64 held, int64 max_lock)
{
	double		factor = 2;

	if (moved > 0)
		factor = CHASH_AIM_OF_LOCK * max_lock / Max(held, 1);
	return Min(Max(aim * Max(Min(factor, 2), 0.25), 1), CHASH_HIGHEST_AIM);
}

#endif							/* CHASH_AIM_H */
