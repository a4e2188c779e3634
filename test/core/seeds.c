/*
 * seeds.c
 *		Stored routers to begin with, where bytes are changed at random.
 */
#include "seeds.h"

static chash_router *
router_number(unsigned number)
{
	static const char *bounds[] = {"10", "20"};
	static chash_pin pins[] = {{"", 1}, {"42", 0}, {"\xc3\xa4", 2}};
	static chash_token tokens[] = {{-5, 1}, {0, 0}, {INT32_MAX, 1}};
	chash_router *router;

	switch (number)
	{
		case 0:
			router = fixture_router("ring", NULL, 0, 3);
			router->p.vnodes = 4;
			break;
		case 1:
			router = fixture_router("ring", "sha256", 0, 2);
			router->shards[1].weight = 2.5;
			router->shards[1].zone = "z";
			break;
		case 2:
			router = fixture_router("ring", NULL, 0, 2);
			router->dialect = chash_dialect_by_name("textbook");
			break;
		case 3:
			router = fixture_router("modulo", "md5", 0, 3);
			break;
		case 4:
			router = fixture_router("hash_range", "sha1", 10, 3);
			router->shards[0].weight = 5;
			break;
		case 5:
			router = fixture_router("hash_range", "none", 0, 1);
			break;
		case 6:
			router = fixture_router("range", NULL, 0, 3);
			router->nbounds = 2;
			router->bounds = bounds;
			break;
		case 7:
			router = fixture_router("jump", "xxh64", 0, 3);
			break;
		case 8:
			router = fixture_router("jumpback", "sha1", 0, 2);
			break;
		case 9:
			router = fixture_router("rendezvous", NULL, 0, 3);
			router->shards[1].weight = 0.3;
			break;
		case 10:
			router = fixture_router("maglev", NULL, 0, 2);
			router->shards[0].weight = 2.5;
			break;
		case 11:
			router = fixture_router("multiprobe", NULL, 0, 3);
			router->p.probes = 3;
			break;
		case 12:
			router = fixture_router("multiprobe", NULL, 0, 2);
			router->dialect = chash_dialect_by_name("mpchash");
			break;
		case 13:
			router = fixture_router("bounded", "sha1", 0, 3);
			router->shards[2].weight = 2.5;
			router->p.slots = 50;
			router->p.vnodes = 4;
			break;
		case 14:
			router = fixture_router("bounded", NULL, 0, 2);
			router->dialect = chash_dialect_by_name("buraksezer_0_10");
			router->p.load = 1.5;
			break;
		case 15:
			router = fixture_router("jump", NULL, 0, 3);
			router->npins = 3;
			router->pins = pins;
			break;
		case 16:
			router = fixture_router("ring", NULL, 0, 2);
			router->dialect = chash_dialect_by_name("citus");
			router->ntokens = 3;
			router->tokens = tokens;
			break;
		case 17:
			router = fixture_router("slots", NULL, 0, 4);
			router->p.slots = 9;
			router->p.replicas = 2;
			router->shards[1].weight = 1.5;
			router->shards[2].zone = router->shards[3].zone = "z";
			break;
		case 18:
			router = fixture_router("slots", NULL, 0, 2);
			router->dialect = chash_dialect_by_name("swift");
			router->p.slots = 16;
			router->p.prefix = "p";
			break;
		case 19:
			router = fixture_router("range", NULL, 0, 1);
			router->key_type = CHASH_KEY_BIGINT;
			break;
		case 20:
			router = fixture_router("maglev", "md5", 0, 3);
			router->p.slots = 13;
			router->shards[1].weight = 1.5;
			break;
		case 21:
			router = fixture_router("ring", "siphash24", 0, 3);
			router->p.vnodes = 4;
			router->p.secret = "tenants";
			router->p.check = "20a63f663fa41274";
			break;
		default:
			router = fixture_router("ring", NULL, 0, 3);
			router->dialect = chash_dialect_by_name("libketama");
			router->p.vnodes = 8;
			router->shards[2].weight = 2;
			break;
	}
	return router;
}

seed
seed_number(unsigned number)
{
	chash_router *router = router_number(number);
	seed		result;

	chash_router_complete(router, &test_host);
	result.size = chash_router_stored_size(router);
	result.bytes = test_alloc(result.size);
	chash_router_store(router, result.bytes);
	return result;
}
