/*
 * dialects.c
 *		chash_dialects: the table of dialects for people.
 */
#include "router/srf.h"

#include "core/dialect.h"
#include "lib/stringinfo.h"
#include "router/json.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

PG_FUNCTION_INFO_V1(chash_dialects);

/* What can be set in a dialect otherwise than it is, besides hash and bits, as a JSON object. */
static Datum
parameters_of(const chash_dialect *dialect)
{
	const chash_parameter *parameter;
	StringInfoData out;
	unsigned	i;

	initStringInfo(&out);
	for (i = 0; (parameter = chash_parameter_at(i)) != NULL; i++)
	{
		const chash_parameters *defaults = dialect->strategy ?
			chash_dialect_default_of(dialect, dialect->strategy, parameter) : NULL;

		if (parameter->offset == offsetof(chash_parameters, label) &&
			dialect->generator != CHASH_POINTS_OF_LABELS)
			continue;
		if (defaults)
			chash_append_parameter(&out, parameter, defaults);
	}
	/* a comma comes before each */
	if (out.len > 0)
		out.data[0] = ' ';
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(psprintf("{%s}", out.data)));
}

/*
 * (dialect text, strategy text, stands_for text, hash text, bits int,
 * parameters jsonb)
 */
Datum
chash_dialects(PG_FUNCTION_ARGS)
{
	chash_rows	rows = chash_rows_begin(fcinfo);
	const chash_dialect *dialect;
	unsigned	i;

	for (i = 0; (dialect = chash_dialect_at(i)) != NULL; i++)
	{
		const chash_hash *hash = chash_hash_by_code(dialect->hash);
		Datum		values[6] = {0};
		bool		nulls[6] = {false};

		values[0] = CStringGetTextDatum(dialect->name);
		if (dialect->strategy)
			values[1] = CStringGetTextDatum(dialect->strategy->name);
		nulls[1] = !dialect->strategy;
		values[2] = CStringGetTextDatum(dialect->origin);
		values[3] = CStringGetTextDatum(hash->name);
		values[4] = Int32GetDatum(dialect->bits ? dialect->bits : hash->bits);
		values[5] = parameters_of(dialect);
		chash_rows_add(&rows, values, nulls);
	}
	return (Datum) 0;
}
