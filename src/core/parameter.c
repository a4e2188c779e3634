/*
 * parameter.c
 *		The table of parameters and the names of the search rules.
 */
#include "core/label.h"
#include "core/names.h"
#include "core/router.h"

#include <math.h>
#include <string.h>

#define PARAMETER(name, code, kind, limit) \
	{#name, code, CHASH_PARAMETER_##kind, offsetof(chash_parameters, name), limit}

static const chash_parameter parameters[] = {
	PARAMETER(vnodes, 1, COUNT, CHASH_MAX_VNODES),
	PARAMETER(label, 2, TEXT, CHASH_LABEL_TEMPLATE_MAX),
	PARAMETER(search, 3, SEARCH, 0),
	PARAMETER(digest_points, 4, COUNT, CHASH_MAX_DIGEST_POINTS),
	PARAMETER(slots, 5, COUNT, CHASH_MAX_SLOTS),
	PARAMETER(replicas, 6, COUNT, CHASH_MAX_REPLICAS),
	PARAMETER(probes, 7, COUNT, CHASH_MAX_PROBES),
	PARAMETER(load, 8, FACTOR, CHASH_MAX_LOAD),
	PARAMETER(prefix, 9, TEXT, CHASH_MAX_AFFIX),
	PARAMETER(suffix, 10, TEXT, CHASH_MAX_AFFIX),
	PARAMETER(secret, 11, TEXT, CHASH_MAX_SECRET),
	PARAMETER(check, 12, TEXT, CHASH_MAX_CHECK),
};

static const struct
{
	const char *name;
	chash_search search;
}			searches[] =
{
	{"ceiling", CHASH_SEARCH_CEILING},
	{"higher", CHASH_SEARCH_HIGHER},
	{"floor", CHASH_SEARCH_FLOOR},
	{"nearest", CHASH_SEARCH_NEAREST},
};

#define NPARAMETERS	(sizeof(parameters) / sizeof(parameters[0]))
#define NSEARCHES	(sizeof(searches) / sizeof(searches[0]))

const chash_parameter *
chash_parameter_at(unsigned i)
{
	return i < NPARAMETERS ? &parameters[i] : NULL;
}

const chash_parameter *
chash_parameter_by_code(unsigned code)
{
	size_t		i;

	for (i = 0; i < NPARAMETERS; i++)
	{
		if (parameters[i].code == code)
			return &parameters[i];
	}
	return NULL;
}

const chash_parameter *
chash_parameter_by_name(const char *name)
{
	size_t		i;

	for (i = 0; i < NPARAMETERS; i++)
	{
		if (strcmp(parameters[i].name, name) == 0)
			return &parameters[i];
	}
	return NULL;
}

uint32_t *
chash_parameter_number(const chash_parameter *parameter, chash_parameters *in)
{
	return (uint32_t *) ((char *) in + parameter->offset);
}

double *
chash_parameter_factor(const chash_parameter *parameter, chash_parameters *in)
{
	return (double *) ((char *) in + parameter->offset);
}

const char **
chash_parameter_text(const chash_parameter *parameter, chash_parameters *in)
{
	return (const char **) ((char *) in + parameter->offset);
}

bool
chash_parameter_is_set(const chash_parameter *parameter, const chash_parameters *in)
{
	chash_parameters *from = (chash_parameters *) in;

	switch (parameter->kind)
	{
		case CHASH_PARAMETER_COUNT:
		case CHASH_PARAMETER_SEARCH:
			return *chash_parameter_number(parameter, from) != 0;
		case CHASH_PARAMETER_FACTOR:
			return *chash_parameter_factor(parameter, from) != 0;
		case CHASH_PARAMETER_TEXT:
			return *chash_parameter_text(parameter, from) != NULL;
	}
	return false;
}

bool
chash_parameter_equal(const chash_parameter *parameter,
					  const chash_parameters *a, const chash_parameters *b)
{
	chash_parameters *first = (chash_parameters *) a;
	chash_parameters *second = (chash_parameters *) b;
	const char *one;
	const char *other;

	switch (parameter->kind)
	{
		case CHASH_PARAMETER_COUNT:
		case CHASH_PARAMETER_SEARCH:
			return *chash_parameter_number(parameter, first) ==
				*chash_parameter_number(parameter, second);
		case CHASH_PARAMETER_FACTOR:
			return *chash_parameter_factor(parameter, first) ==
				*chash_parameter_factor(parameter, second);
		case CHASH_PARAMETER_TEXT:
			break;
	}
	one = *chash_parameter_text(parameter, first);
	other = *chash_parameter_text(parameter, second);
	return one == other || (one && other && strcmp(one, other) == 0);
}

void
chash_parameter_copy(const chash_parameter *parameter,
					 chash_parameters *to, const chash_parameters *from)
{
	chash_parameters *source = (chash_parameters *) from;

	switch (parameter->kind)
	{
		case CHASH_PARAMETER_COUNT:
		case CHASH_PARAMETER_SEARCH:
			*chash_parameter_number(parameter, to) = *chash_parameter_number(parameter, source);
			break;
		case CHASH_PARAMETER_FACTOR:
			*chash_parameter_factor(parameter, to) = *chash_parameter_factor(parameter, source);
			break;
		case CHASH_PARAMETER_TEXT:
			*chash_parameter_text(parameter, to) = *chash_parameter_text(parameter, source);
			break;
	}
}

bool
chash_parameter_check(const chash_parameter *parameter, const chash_parameters *in,
					  chash_error *error)
{
	chash_parameters *from = (chash_parameters *) in;
	const char *name = parameter->name;
	const char *text;
	uint32_t	number;
	double		factor;

	switch (parameter->kind)
	{
		case CHASH_PARAMETER_COUNT:
			number = *chash_parameter_number(parameter, from);
			return (number >= 1 && number <= parameter->limit) ||
				chash_fail(error, CHASH_ERROR_VALUE,
						   "%s must be a whole number from 1 to %u, not %u",
						   name, parameter->limit, number);
		case CHASH_PARAMETER_FACTOR:
			factor = *chash_parameter_factor(parameter, from);
			return (isfinite(factor) && factor >= 1 && factor <= parameter->limit) ||
				chash_fail(error, CHASH_ERROR_VALUE,
						   "%s must be a number from 1 to %u, not %g",
						   name, parameter->limit, factor);
		case CHASH_PARAMETER_TEXT:
			text = *chash_parameter_text(parameter, from);
			if (!text)
				return chash_fail(error, CHASH_ERROR_VALUE, "%s is missing", name);
			return strlen(text) <= parameter->limit ||
				chash_fail(error, CHASH_ERROR_LIMIT,
						   "%s is too long: %zu bytes, the limit is %u",
						   name, strlen(text), parameter->limit);
		case CHASH_PARAMETER_SEARCH:
			number = *chash_parameter_number(parameter, from);
			if (chash_search_name(number))
				return true;
			chash_fail(error, CHASH_ERROR_UNKNOWN, "unknown search rule number %u", number);
			return chash_fail_hint(error, "Search rules are %s.", chash_search_names());
	}
	return false;
}

bool
chash_search_by_name(const char *name, uint32_t *search)
{
	size_t		i;

	for (i = 0; i < NSEARCHES; i++)
	{
		if (strcmp(searches[i].name, name) == 0)
		{
			*search = searches[i].search;
			return true;
		}
	}
	return false;
}

const char *
chash_search_name(unsigned search)
{
	size_t		i;

	for (i = 0; i < NSEARCHES; i++)
	{
		if (searches[i].search == search)
			return searches[i].name;
	}
	return NULL;
}

const char *
chash_search_names(void)
{
	static char list[CHASH_NAMES_TEXT];
	size_t		i;

	list[0] = '\0';
	for (i = 0; i < NSEARCHES; i++)
		chash_append_name(list, searches[i].name, i, NSEARCHES);
	return list;
}
