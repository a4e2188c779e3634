/*
 * dialects.c
 *		chash_dialects: the table of dialects for people.
 */
#include "router/srf.h"

#include "core/dialect.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(chash_dialects);

/*
 * (dialect text, stands_for text, hash text, bits int, vnodes int, label text,
 * search text)
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
		bool		has_labels = dialect->generator == CHASH_POINTS_OF_LABELS;
		Datum		values[7];
		bool		nulls[7] = {false};

		values[0] = CStringGetTextDatum(dialect->name);
		values[1] = CStringGetTextDatum(dialect->origin);
		values[2] = CStringGetTextDatum(hash->name);
		values[3] = Int32GetDatum(dialect->bits ? dialect->bits : hash->bits);
		values[4] = Int32GetDatum(dialect->vnodes);
		values[5] = has_labels ? CStringGetTextDatum(dialect->label) : (Datum) 0;
		values[6] = CStringGetTextDatum(chash_search_name(dialect->search));
		nulls[5] = !has_labels;
		chash_rows_add(&rows, values, nulls);
	}
	return (Datum) 0;
}
