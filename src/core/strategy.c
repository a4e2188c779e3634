/*
 * strategy.c
 *		The table of strategies.
 */
#include "core/names.h"
#include "core/strategy.h"

#include <string.h>

static const chash_strategy *const strategies[] = {
	&chash_strategy_modulo,
	&chash_strategy_hash_range,
	&chash_strategy_range,
	&chash_strategy_ring,
	&chash_strategy_jump,
	&chash_strategy_jumpback,
	&chash_strategy_rendezvous,
	&chash_strategy_maglev,
	&chash_strategy_multiprobe,
	&chash_strategy_bounded,
};

#define NSTRATEGIES		(sizeof(strategies) / sizeof(strategies[0]))

const chash_strategy *
chash_strategy_by_name(const char *name)
{
	size_t		i;

	for (i = 0; i < NSTRATEGIES; i++)
	{
		if (strcmp(strategies[i]->name, name) == 0)
			return strategies[i];
	}
	return NULL;
}

const chash_strategy *
chash_strategy_by_code(unsigned code)
{
	size_t		i;

	for (i = 0; i < NSTRATEGIES; i++)
	{
		if (strategies[i]->code == code)
			return strategies[i];
	}
	return NULL;
}

const char *
chash_strategy_names(void)
{
	static char list[CHASH_NAMES_TEXT];
	size_t		i;

	list[0] = '\0';
	for (i = 0; i < NSTRATEGIES; i++)
		chash_append_name(list, strategies[i]->name, i, NSTRATEGIES);
	return list;
}
