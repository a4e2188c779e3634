/*
 * slots_text.c
 *		Slots as people write them: "0-24,75-99".
 */
#include "core/slots.h"

#include <string.h>

/* ---- reading ---- */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A number; what does not fit is as good as the largest. */
static const char *
read_number(const char *next, uint32_t *number)
{
	uint64_t	value = 0;

	while (is_digit(*next))
	{
		value = value * 10 + (uint64_t) (*next++ - '0');
		if (value > UINT32_MAX)
			value = UINT32_MAX;
	}
	*number = (uint32_t) value;
	return next;
}

static const char *
skip_spaces(const char *next)
{
	while (*next == ' ')
		next++;
	return next;
}

/* A number or a range; NULL if it is neither.  *digits is where its end is written. */
static const char *
read_range(const char *next, uint32_t *first, uint32_t *last, const char **digits)
{
	next = skip_spaces(next);
	if (!is_digit(*next))
		return NULL;
	*digits = next;
	next = skip_spaces(read_number(next, first));
	*last = *first;
	if (*next != '-')
		return next;
	next = skip_spaces(next + 1);
	if (!is_digit(*next))
		return NULL;
	*digits = next;
	return skip_spaces(read_number(next, last));
}

static bool
fail_syntax(const chash_router *router, uint32_t place, const char *text, chash_error *error)
{
	chash_fail(error, CHASH_ERROR_VALUE, "slots of shard \"%s\" cannot be read: \"%.*s\"",
			   router->shards[place].name, chash_clip(text, 100), text);
	return chash_fail_hint(error, "Give numbers and ranges, the lower number first, as in \"0-24,30,75-99\".");
}

/* Give one entry, if it is free or may be taken away. */
static bool
give_slot(chash_router *router, uint32_t place, uint32_t copy, uint32_t slot, bool only_free,
		  chash_error *error)
{
	uint32_t	slots = router->p.slots;
	uint32_t   *entry = &router->map[(size_t) copy * slots + slot];
	uint32_t	other;

	if (only_free && *entry != CHASH_UNASSIGNED)
	{
		const char *first = router->shards[*entry].name;
		const char *second = router->shards[place].name;

		if (router->p.replicas > 1)
			chash_fail(error, CHASH_ERROR_DUPLICATE,
					   "replica %u of slot %u is given twice: to shard \"%s\" and to shard \"%s\"",
					   copy + 1, slot, first, second);
		else
			chash_fail(error, CHASH_ERROR_DUPLICATE,
					   "slot %u is given twice: to shard \"%s\" and to shard \"%s\"",
					   slot, first, second);
		return chash_fail_hint(error, "Give each slot to one shard.");
	}
	for (other = 0; !only_free && other < router->p.replicas; other++)
	{
		if (router->map[(size_t) other * slots + slot] == place)
			router->map[(size_t) other * slots + slot] = *entry;
	}
	*entry = place;
	return true;
}

bool
chash_slots_give(chash_router *router, uint32_t place, uint32_t copy, const char *text,
				 bool only_free, const chash_host *host, chash_error *error)
{
	const char *next = skip_spaces(text);
	uint32_t	slots = router->p.slots;
	uint32_t	slot;

	while (*next)
	{
		uint32_t	first;
		uint32_t	last;
		const char *digits;

		/* a range can be as long as the map, and a text repeat it often */
		chash_check(host);
		next = read_range(next, &first, &last, &digits);
		if (!next || first > last || (*next && *next != ',') || (*next == ',' && !next[1]))
			return fail_syntax(router, place, text, error);
		if (last >= slots)
		{
			size_t		length = strspn(digits, "0123456789");

			/* as it is written, since it can be too large for a number */
			chash_fail(error, CHASH_ERROR_VALUE, "slot %.*s of shard \"%s\" is out of range",
					   (int) (length < 50 ? length : 50), digits, router->shards[place].name);
			return chash_fail_hint(error, "The router has the slots 0 to %u.", slots - 1);
		}
		for (slot = first; slot <= last; slot++)
		{
			if (!give_slot(router, place, copy, slot, only_free, error))
				return false;
		}
		if (*next == ',')
			next++;
	}
	return true;
}

bool
chash_slots_check_covered(const chash_router *router, chash_error *error)
{
	uint32_t	slots = router->p.slots;
	uint32_t	size = chash_router_map_size(router);
	uint32_t	missing = 0;
	uint32_t	first = 0;
	uint32_t	i;

	for (i = size; i > 0; i--)
	{
		uint32_t	shard = router->map[i - 1];

		if (shard != CHASH_UNASSIGNED && shard >= router->nshards)
			return chash_fail(error, CHASH_ERROR_CORRUPT,
							  "slot %u is given to shard number %u, but there are only %u",
							  (i - 1) % slots, shard + 1, router->nshards);
		if (shard == CHASH_UNASSIGNED)
		{
			missing++;
			first = i - 1;
		}
	}
	if (missing == 0)
		return true;
	if (router->p.replicas > 1)
		chash_fail(error, CHASH_ERROR_VALUE, "replica %u of slot %u is given to no shard",
				   first / slots + 1, first % slots);
	else
		chash_fail(error, CHASH_ERROR_VALUE, "slot %u is given to no shard", first);
	if (missing > 1)
		chash_fail_detail(error, "So are %u others.", missing - 1);
	return chash_fail_hint(error, "Give every slot to a shard, or give none to any; then all are assigned by weight.");
}

/* ---- writing ---- */

/* The end of the run that begins with an entry, within its copy. */
static uint32_t
end_of_run(const chash_router *router, uint32_t entry)
{
	uint32_t	slots = router->p.slots;
	uint32_t	limit = (entry / slots + 1) * slots;
	uint32_t	end = entry + 1;

	while (end < limit && router->map[end] == router->map[entry])
		end++;
	return end;
}

chash_slot_run *
chash_slots_runs(const chash_router *router, const chash_host *host, uint32_t **start)
{
	uint32_t	n = router->nshards;
	uint32_t	slots = router->p.slots;
	uint32_t	size = chash_router_map_size(router);
	uint32_t   *next = chash_alloc(host, (n + 1) * sizeof(uint32_t));
	chash_slot_run *runs;
	uint32_t	entry;
	uint32_t	i;

	/* count, then sort by counting */
	memset(next, 0, (n + 1) * sizeof(uint32_t));
	for (entry = 0; entry < size; entry = end_of_run(router, entry))
		next[router->map[entry] + 1]++;
	for (i = 1; i <= n; i++)
		next[i] += next[i - 1];
	*start = chash_alloc(host, (n + 1) * sizeof(uint32_t));
	memcpy(*start, next, (n + 1) * sizeof(uint32_t));
	runs = chash_alloc(host, next[n] * sizeof(*runs));
	for (entry = 0; entry < size; entry = end_of_run(router, entry))
	{
		chash_slot_run *run = &runs[next[router->map[entry]]++];

		run->copy = entry / slots;
		run->first = entry % slots;
		run->last = (end_of_run(router, entry) - 1) % slots;
	}
	chash_release(host, next);
	return runs;
}
