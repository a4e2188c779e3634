/*
 * router.h
 *		What a router is: its model, its limits, its stored form.
 *
 * A router is a value: a strategy, a hash, a few parameters and the shards.
 * Everything in it is UTF-8, on every server.  Nothing computed is stored: a
 * router is compiled (compile.h) before it routes.
 */
#ifndef CHASH_ROUTER_H
#define CHASH_ROUTER_H

#include "core/host.h"
#include "core/dialect.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/strategy.h"

/* The limits, all of them stated in docs/reference.md. */
#define CHASH_MAX_SHARDS	65535
#define CHASH_MAX_NAME		255 /* bytes of a shard's or a zone's name */
#define CHASH_MAX_ID		65535
#define CHASH_MAX_VNODES	65535
#define CHASH_MAX_DIGEST_POINTS 8
#define CHASH_MAX_SLOTS		1048576
#define CHASH_MAX_REPLICAS	64
#define CHASH_MAX_MAP		4194304 /* entries of a map: slots times replicas */
#define CHASH_MAX_PROBES	1000
#define CHASH_MAX_LOAD		1000
#define CHASH_MAX_AFFIX		255 /* bytes of a prefix or suffix of keys */
#define CHASH_MAX_SECRET	63	/* bytes of a secret's name */
#define CHASH_MAX_CHECK		16	/* hexadecimal digits of a check value, which has them all */
#define CHASH_MAX_PINS		65536
#define CHASH_MAX_PIN		1000	/* bytes of a pinned key */
#define CHASH_MAX_BITS		256 /* of the widest hash */
#define CHASH_MAX_POINTS	2097152 /* virtual nodes of all shards together */
#define CHASH_MAX_REPEATED	4096	/* points of a shard whose name is repeated */
#define CHASH_MAX_ID_POINTS 4096	/* points of a shard, each of which has a number of its own */
#define CHASH_MAX_TOTAL_WEIGHT	1048576 /* of strategies that count in units */
#define CHASH_MAX_BOUND		1000	/* bytes of a bound's text */
#define CHASH_MAX_COLLATION	300 /* bytes: two quoted names fit */

/* In which type the strategy "range" compares keys. */
typedef enum chash_key_type
{
	/* stored in routers: a number is never given a second meaning */
	CHASH_KEY_UNSPECIFIED = 0,	/* strategies that hash take any key */
	CHASH_KEY_TEXT = 1,
	CHASH_KEY_BIGINT = 2,
	CHASH_KEY_UUID = 3,
	CHASH_KEY_BYTEA = 4,
	CHASH_KEY_NUMERIC = 5,
	CHASH_KEY_DATE = 6,
	CHASH_KEY_TIMESTAMP = 7,
	CHASH_KEY_TIMESTAMPTZ = 8
} chash_key_type;

typedef struct chash_shard
{
	const char *name;
	const char *zone;			/* NULL if it has none */
	double		weight;
	uint32_t	id;				/* 1 to CHASH_MAX_ID; stays when others go */
} chash_shard;

/* A key that goes to a shard whatever the strategy says, see pins.h. */
typedef struct chash_pin
{
	const char *key;			/* in its fixed form */
	uint32_t	shard;			/* place of the shard */
} chash_pin;

/* A point that a shard has on a ring, in dialects in which points are given. */
typedef struct chash_token
{
	int64_t		token;			/* 0 is the middle of the positions */
	uint32_t	shard;			/* place of the shard */
} chash_token;

typedef struct chash_router
{
	const chash_strategy *strategy;

	/* what strategies that hash use; hash is NULL in others */
	const chash_hash *hash;
	unsigned	bits;			/* width of a position */

	const chash_dialect *dialect;
	chash_parameters p;

	/* the strategy range's: bound i is the first key of shard i + 1 */
	chash_key_type key_type;
	const char *collation;		/* of text keys, else NULL */
	uint32_t	nbounds;
	const char **bounds;		/* each in the fixed form of key_type */

	uint32_t	nshards;
	chash_shard *shards;

	/*
	 * the strategy slots': the place of the shard of each slot, p.replicas
	 * times p.slots of them, the first copy of all slots first; NULL if nobody
	 * has given any, until the router is complete, and in other strategies
	 */
	uint32_t   *map;

	/* in their order, and all different; only of dialects of given points */
	uint32_t	ntokens;
	uint32_t	token_space;	/* tokens for which there is room to add, 0 if unknown */
	chash_token *tokens;

	/* in the byte order of their keys, which differ */
	uint32_t	npins;
	chash_pin  *pins;
} chash_router;

/* How many entries the map of a router of the strategy slots has. */
static inline uint32_t
chash_router_map_size(const chash_router *router)
{
	return router->p.slots * router->p.replicas;
}

/*
 * Put tokens in order, and fill in what nobody has said, which is what is NULL
 * or 0 (not weights): the parameters of the dialect, ids, and a map of slots.
 * A shard without an id gets the smallest that is free, so that they become 1
 * to n where no shard has one.
 */
extern void chash_router_complete(chash_router *router,
								  const chash_host *host);

/* The part of it that does not depend on the shards. */
extern void chash_router_complete_parameters(chash_router *router);

/*
 * Whether a complete router is one that can be used.  Every door (text,
 * binary, jsonb, constructors, algebra) leads through here.  Bounds are only
 * counted; their order depends on a type, which the server compares.
 */
extern bool chash_router_validate(const chash_router *router,
								  const chash_host *host,
								  chash_error *error);

/*
 * For strategies in which bits cannot be chosen: whether positions are whole
 * digests, or as wide as the dialect makes them.
 */
extern bool chash_router_check_whole_digest(const chash_router *router,
											chash_error *error);

/* Whether a router's strategy, in its dialect, uses a parameter. */
extern bool chash_router_uses(const chash_router *router, const chash_parameter *parameter);

/* Where the value is that such a parameter has unless it is given; NULL if there is none. */
extern const chash_parameters *chash_router_default(const chash_router *router,
													const chash_parameter *parameter);

/* How wide positions are unless bits says otherwise. */
extern unsigned chash_router_natural_bits(const chash_router *router);

/* How digests of a hash become positions: as the dialect says, if they are wide enough. */
extern chash_take chash_router_take(const chash_router *router, const chash_hash *hash);

/* The stored form, also used on the wire. */
extern size_t chash_router_stored_size(const chash_router *router);
extern void chash_router_store(const chash_router *router, uint8_t *bytes);

/*
 * Read the stored form.  The model is allocated from the host and refers to
 * nothing in bytes.  Nothing but the form is checked: bytes from outside need
 * chash_router_validate next.
 */
extern bool chash_router_load(const uint8_t *bytes, size_t length,
							  const chash_host *host,
							  chash_router *router, chash_error *error);

/* The smallest id that no shard has. */
extern uint32_t chash_router_free_id(const chash_router *router,
									 const chash_host *host);

/* The place of a shard, or -1. */
extern int	chash_router_find(const chash_router *router, const char *name);

/* The same, among shards that are sorted by name; NULL if there is none. */
extern const chash_shard *chash_find_by_name(const chash_shard *const *sorted, uint32_t n,
											 const char *name);

/*
 * The shards in the byte order of their names, in which things are decided
 * that may not depend on the order in which the shards came.
 */
extern const chash_shard **chash_router_sort_by_name(const chash_router *router,
													 const chash_host *host);

/* The sum of all weights. */
extern double chash_router_total_weight(const chash_router *router);

/* NULL if there is no such type; aliases such as "int" are understood. */
extern const char *chash_key_type_name(unsigned key_type);
extern chash_key_type chash_key_type_by_name(const char *name);
extern const char *chash_key_type_names(void);

#endif							/* CHASH_ROUTER_H */
