/*
 * stored_fuzz.c
 *		Any bytes as a stored router: what is accepted is written as the same
 *		bytes, and what is valid can be used.
 */
#include "fuzz.h"
#include "used.h"

void
fuzz_one(input *in)
{
	use_stored(in->next, bytes_left(in));
}
