/*
 * rounded.h
 *		Doubles that are doubles, for algorithms whose answers depend on the
 *		rounding of each step.
 *
 * Some machines (32-bit x86 without SSE2) compute with more digits than a
 * double has, and keep them until a value is stored.
 */
#ifndef CHASH_ROUNDED_H
#define CHASH_ROUNDED_H

#include <float.h>

static inline double
chash_rounded(double value)
{
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD == 0
	return value;
#else
	volatile double stored = value;

	return stored;
#endif
}

#endif							/* CHASH_ROUNDED_H */
