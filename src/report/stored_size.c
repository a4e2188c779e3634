/*
 * stored_size.c
 *		chash_stored_size: the bytes that a row takes, TOAST included.
 */
#include "router/call.h"

#include "access/detoast.h"
#include "access/htup_details.h"

PG_FUNCTION_INFO_V1(chash_stored_size);

/* What a value takes in the TOAST table; 0 if it is not there. */
static int64
toasted_size(int16 type_length, Datum value)
{
	struct varatt_external pointer;

	if (type_length != -1 || !VARATT_IS_EXTERNAL_ONDISK(DatumGetPointer(value)))
		return 0;
	VARATT_EXTERNAL_GET_POINTER(pointer, DatumGetPointer(value));
	return VARATT_EXTERNAL_GET_EXTSIZE(pointer);
}

/*
 * chash_stored_size(VARIADIC "any"): the length of a heap tuple with these
 * columns, as they are stored, and of what they keep in TOAST.  Values straight
 * from a table are compressed or toasted as they are there.
 */
Datum
chash_stored_size(PG_FUNCTION_ARGS)
{
	TupleDesc	desc = chash_call_argument_types(fcinfo);
	int			n = desc->natts;
	Datum	   *values = palloc(n * sizeof(Datum));
	bool	   *nulls = palloc(n * sizeof(bool));
	bool		has_null = false;
	int64		toasted = 0;
	int			i;

	for (i = 0; i < n; i++)
	{
		nulls[i] = PG_ARGISNULL(i);
		values[i] = nulls[i] ? (Datum) 0 : PG_GETARG_DATUM(i);
		has_null |= nulls[i];
		if (!nulls[i])
			toasted += toasted_size(TupleDescAttr(desc, i)->attlen, values[i]);
	}
	PG_RETURN_INT64(MAXALIGN(SizeofHeapTupleHeader + (has_null ? BITMAPLEN(n) : 0)) +
					heap_compute_data_size(desc, values, nulls) + toasted);
}
