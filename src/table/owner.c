/*
 * owner.c
 *		Who owns a table, and being that one for a while.
 */
#include "table/owner.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/syscache.h"

Oid
chash_owner_of(Oid relation)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relation);
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

chash_self
chash_become_owner(Oid owner)
{
	chash_self	self;

	GetUserIdAndSecContext(&self.user, &self.context);
	SetUserIdAndSecContext(owner, self.context | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
	return self;
}

void
chash_become_self(const chash_self *self)
{
	SetUserIdAndSecContext(self->user, self->context);
}
