/*
 * numbered.c
 *		What the strategies that number their shards have in common.
 */
#include "core/numbered.h"

/*
 * Without its last shard, such a router moves only that shard's positions.
 * Without another one, all shards after it get other numbers.
 */
bool
chash_numbered_can_remove(const chash_router *router, uint32_t place, chash_error *error)
{
	if (place == router->nshards - 1)
		return true;
	chash_fail(error, CHASH_ERROR_UNSUPPORTED,
			   "shard \"%s\" of a %s router cannot be removed, because it is not the last one",
			   router->shards[place].name, router->strategy->name);
	chash_fail_detail(error, "Strategy \"%s\" numbers its shards. Without this one those after it would "
					  "get other numbers, and half of all keys or more could move.",
					  router->strategy->name);
	return chash_fail_hint(error, "Remove the last shard, \"%s\", or use strategy \"rendezvous\" or \"ring\", "
						   "from which any shard can be removed.",
						   router->shards[router->nshards - 1].name);
}

bool
chash_numbered_compile(chash_compiled *compiled, const chash_host *host, chash_error *error)
{
	(void) compiled;
	(void) host;
	(void) error;
	return true;
}
