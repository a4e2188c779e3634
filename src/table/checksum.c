/*
 * checksum.c
 *		Checksums of rows.
 */
#include "table/checksum.h"

#include "core/hash.h"

#include "common/hashfn.h"
#include "fmgr.h"

static uint64
hash_of_value(Form_pg_attribute column, Datum value)
{
	struct varlena *plain;
	uint64		hash;

	if (column->attbyval)
		return (uint64) value;
	if (column->attlen > 0)
		return chash_xxh64(DatumGetPointer(value), column->attlen, 0);
	if (column->attlen == -2)
		return chash_xxh64(DatumGetCString(value), strlen(DatumGetCString(value)), 0);
	plain = PG_DETOAST_DATUM_PACKED(value);
	hash = chash_xxh64(VARDATA_ANY(plain), VARSIZE_ANY_EXHDR(plain), 0);
	if ((Pointer) plain != DatumGetPointer(value))
		pfree(plain);
	return hash;
}

void
chash_sum_add(chash_sum *sum, TupleTableSlot *slot)
{
	TupleDesc	desc = slot->tts_tupleDescriptor;
	uint64		hash = 0;
	int			i;

	slot_getallattrs(slot);
	for (i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(desc, i);

		if (column->attisdropped)
			continue;
		hash = hash_combine64(hash, slot->tts_isnull[i] ? 1 : 0);
		if (!slot->tts_isnull[i])
			hash = hash_combine64(hash, hash_of_value(column, slot->tts_values[i]));
	}
	sum->rows++;

	/* so that the rows' own sums do not cancel each other */
	sum->checksum += chash_xxh64(&hash, sizeof(hash), 0);
}
