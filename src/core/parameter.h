/*
 * parameter.h
 *		The table of the parameters of strategies.
 *
 * A router holds the ones that its strategy uses.  A dialect sets some of
 * them, a strategy the rest; a user may set any of these otherwise.  What is
 * known of a parameter, its name, limits and stored form, is known here only.
 */
#ifndef CHASH_PARAMETER_H
#define CHASH_PARAMETER_H

#include "core/error.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Which point of a ring serves a position.  The names are those that sorted
 * maps use for the same question.
 */
typedef enum chash_search
{
	/* stored in routers: a number is never given a second meaning */
	CHASH_SEARCH_CEILING = 1,	/* the first point at or after it */
	CHASH_SEARCH_HIGHER = 2,	/* the first point after it */
	CHASH_SEARCH_FLOOR = 3,		/* the last point at or before it */
	CHASH_SEARCH_NEAREST = 4	/* of the points around it the nearer, or the one before */
} chash_search;

/* What is 0 or NULL is not set. */
typedef struct chash_parameters
{
	uint32_t	vnodes;			/* points of a shard of weight 1 */
	const char *label;			/* of a virtual node, see label.h */
	uint32_t	search;			/* a chash_search */
	uint32_t	digest_points;	/* points that one digest gives */
	uint32_t	slots;			/* into which keys are hashed */
	uint32_t	replicas;		/* shards that a slot has */
	uint32_t	probes;			/* positions that a key has */
	double		load;			/* that a shard may take, as a multiple of its part */
	const char *prefix;			/* hashed before the bytes of a key */
	const char *suffix;			/* hashed after them */
	const char *secret;			/* name of the secret that keys are hashed with */
	const char *check;			/* value by which that is known again */
} chash_parameters;

typedef enum chash_parameter_kind
{
	CHASH_PARAMETER_COUNT,		/* a uint32_t from 1 to the limit */
	CHASH_PARAMETER_FACTOR,		/* a double from 1 to the limit */
	CHASH_PARAMETER_TEXT,		/* UTF-8 of so many bytes at the most */
	CHASH_PARAMETER_SEARCH		/* a uint32_t that is a chash_search */
} chash_parameter_kind;

typedef struct chash_parameter
{
	const char *name;			/* in JSON and in errors */
	unsigned	code;			/* stored in routers, never reused; ascending */
	chash_parameter_kind kind;
	size_t		offset;			/* in chash_parameters */
	uint32_t	limit;
} chash_parameter;

/* Number i of all parameters, NULL after the last. */
extern const chash_parameter *chash_parameter_at(unsigned i);

/* NULL if there is no such parameter. */
extern const chash_parameter *chash_parameter_by_code(unsigned code);
extern const chash_parameter *chash_parameter_by_name(const char *name);

/* Its place in some parameters: a number of the kinds COUNT and SEARCH, and so on. */
extern uint32_t *chash_parameter_number(const chash_parameter *parameter, chash_parameters *in);
extern double *chash_parameter_factor(const chash_parameter *parameter, chash_parameters *in);
extern const char **chash_parameter_text(const chash_parameter *parameter, chash_parameters *in);

extern bool chash_parameter_is_set(const chash_parameter *parameter, const chash_parameters *in);

/* Whether a parameter has the same value in both. */
extern bool chash_parameter_equal(const chash_parameter *parameter,
								  const chash_parameters *a, const chash_parameters *b);

extern void chash_parameter_copy(const chash_parameter *parameter,
								 chash_parameters *to, const chash_parameters *from);

/* Whether a parameter is set and keeps to its limits. */
extern bool chash_parameter_check(const chash_parameter *parameter, const chash_parameters *in,
								  chash_error *error);

/* False if there is no such rule. */
extern bool chash_search_by_name(const char *name, uint32_t *search);

/* NULL if there is no such rule. */
extern const char *chash_search_name(unsigned search);

/* All names, for hints; in static memory. */
extern const char *chash_search_names(void);

#endif							/* CHASH_PARAMETER_H */
