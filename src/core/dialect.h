/*
 * dialect.h
 *		The table of dialects: under which name, and by which rules, a strategy
 *		gives the answers of some library or publication.
 *
 * A dialect is a row, never code: every ring in the field is a choice among a
 * few rules.  It sets the parameters that a user does not give, and the rules
 * that nobody can give.  A released row never changes.
 */
#ifndef CHASH_DIALECT_H
#define CHASH_DIALECT_H

#include "core/hash.h"
#include "core/key_rule.h"
#include "core/parameter.h"
#include "core/strategy.h"

/*
 * How a digest becomes a position.  Where so many bytes are taken, a digest
 * that has no more is an integer already, and taken as it is.
 */
typedef enum chash_take
{
	CHASH_TAKE_TOP = 0,			/* the top bits of a big-endian integer */
	CHASH_TAKE_LE32,			/* four bytes, little-endian */
	CHASH_TAKE_LE64,			/* eight bytes, little-endian */
	CHASH_TAKE_LE64_SIGNED		/* two little-endian signed halves, in their order */
} chash_take;

/* What is hashed to place the points of a shard. */
typedef enum chash_generator
{
	CHASH_POINTS_OF_LABELS = 0, /* labels, see label.h */
	CHASH_POINTS_OF_REPEATED_NAMES, /* the name two, three, ... times over */
	CHASH_POINTS_OF_A_CHAIN,	/* host and port with the point before, see points.c */
	CHASH_POINTS_OF_IDS,		/* the shard's id and a number, see points.c */
	CHASH_POINTS_GIVEN			/* nothing: each shard says where its points are */
} chash_generator;

/* How many points a weight is worth, see shares.c. */
typedef enum chash_shares
{
	CHASH_SHARES_ROUNDED = 0,	/* vnodes * weight, at least 1 */
	CHASH_SHARES_ABSOLUTE,		/* vnodes * weight, cut off */
	CHASH_SHARES_DOUBLE,		/* a share of all, computed in doubles */
	CHASH_SHARES_LIBKETAMA,		/* the same partly in floats */
	CHASH_SHARES_LIBMEMCACHED,	/* the same in floats */
	CHASH_SHARES_DIVIDED,		/* the same with one division at the end */
	CHASH_SHARES_RUNNING		/* vnodes of all, scaled up, as a running sum */
} chash_shares;

/* Of several points at one position, whose serves. */
typedef enum chash_tie
{
	CHASH_TIE_NAME = 0,			/* the shard whose name comes first */
	CHASH_TIE_FIRST,			/* the shard that comes first */
	CHASH_TIE_LAST,				/* the shard that comes last */
	CHASH_TIE_SHORTEST			/* the shard whose name is shortest, then comes first */
} chash_tie;

/* Which weights there are. */
typedef enum chash_weights
{
	CHASH_WEIGHTS_ANY = 0,
	CHASH_WEIGHTS_WHOLE,		/* whole numbers, up to max_weight */
	CHASH_WEIGHTS_NONE			/* all are 1 */
} chash_weights;

/* The order in which shards get their units, or their turns in a table. */
typedef enum chash_order
{
	CHASH_ORDER_STRATEGY = 0,	/* the strategy's own */
	CHASH_ORDER_GIVEN,			/* the router's */
	CHASH_ORDER_NAME,			/* of their names */
	CHASH_ORDER_SHORTEST		/* of the lengths of their names, then of these */
} chash_order;

/* What says in which order a shard prefers the entries of a table. */
typedef enum chash_preference
{
	CHASH_PREFERENCE_XXH64 = 0, /* two hashes of its name, as in Envoy */
	CHASH_PREFERENCE_SIPHASH	/* the halves of one, as in go-maglev */
} chash_preference;

/* How the slots of a router to which none are given are cut into runs, see slots.c. */
typedef enum chash_fill
{
	CHASH_FILL_QUOTAS = 0,		/* by largest remainders */
	CHASH_FILL_REDIS_CLI		/* where a running sum in floats is rounded to */
} chash_fill;

/* How many slots a shard may have, see bounded.c. */
typedef enum chash_capacity
{
	CHASH_CAPACITY_WEIGHTED = 0,	/* slots * load, by weights */
	CHASH_CAPACITY_WHOLE,		/* the same for all, of slots / shards cut off */
	CHASH_CAPACITY_DIVIDED		/* the same for all, of slots / shards */
} chash_capacity;

/* Where the probes of a key are, see multiprobe.c. */
typedef enum chash_probes
{
	CHASH_PROBES_MIXED = 0,		/* at random, by the head of the position */
	CHASH_PROBES_OF_HALVES		/* one half of a position and multiples of the other */
} chash_probes;

typedef struct chash_dialect
{
	const char *name;
	const char *origin;			/* whose answers these are */
	unsigned	code;			/* stored in routers, never reused */

	/* whose dialect it is; NULL in the default one, which any strategy has */
	const chash_strategy *strategy;

	/* what a user may set otherwise; what is 0 or NULL is the strategy's */
	chash_hash_code hash;
	unsigned	bits;			/* of a position; 0 means the whole digest */
	chash_parameters defaults;

	/* what its hash is chosen from, ended by 0; NULL if any will do that can be taken */
	const chash_hash_code *hashes;

	/* which weights a shard can have */
	chash_weights weights;
	uint32_t	max_weight;		/* of whole ones */

	/* rules of all strategies */
	chash_key_rule key_rule;
	bool		empty_is_zero;	/* an empty key is not hashed: its position is 0 */
	chash_take	take;
	chash_order order;
	const char *default_port;	/* ":11211" if names are used without it, else NULL */
	bool		port_ends_host; /* and it is what follows the first colon; else the name's end */
	bool		affixes;		/* a prefix and a suffix may be hashed with a key */

	/* rules of rings */
	chash_hash_code points_hash;	/* places the points; 0 if the key's does */
	chash_generator generator;
	chash_shares shares;
	chash_tie	tie;
	unsigned	weighted;		/* code of the dialect that places them once a weight is above 1 */
	bool		zero_is_last;	/* position 0 belongs to the last point */

	/* rules of other strategies */
	bool		one_rounding;	/* jump: rounds a step once and not twice */
	chash_preference preference;	/* maglev */
	bool		slot_bits;		/* slots: positions are slots, whose number is a power of two */
	chash_fill	fill;			/* slots */
	chash_capacity capacity;	/* bounded */
	chash_probes probes;		/* multiprobe */
} chash_dialect;

/* NULL if there is no such dialect. */
extern const chash_dialect *chash_dialect_by_name(const char *name);
extern const chash_dialect *chash_dialect_by_code(unsigned code);

/* Number i of all dialects, NULL after the last. */
extern const chash_dialect *chash_dialect_at(unsigned i);

/* The dialect of a router that names none. */
extern const chash_dialect *chash_dialect_default(void);

/*
 * Where the value is that a parameter of a strategy has in a dialect unless it
 * is given; NULL if there is none.
 */
extern const chash_parameters *chash_dialect_default_of(const chash_dialect *dialect,
														const chash_strategy *strategy,
														const chash_parameter *parameter);

/* All names, for hints; in static memory. */
extern const char *chash_dialect_names(void);

#endif							/* CHASH_DIALECT_H */
