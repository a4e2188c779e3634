/*
 * replace.h
 *		Changing a router that tables are partitioned by.
 */
#ifndef CHASH_REPLACE_H
#define CHASH_REPLACE_H

#include "language/version.h"

/*
 * Lock the tables of a router in ACCESS EXCLUSIVE mode until the end of the
 * transaction, and raise an error unless the current user owns them all and
 * "after" leaves every row where it is.  If the versions before and after are
 * the same router, there is nothing to do.  Plans of the tables are made anew.
 */
extern void chash_change_router_check(Oid router, const chash_version *before,
									  const chash_version *after);

#endif							/* CHASH_REPLACE_H */
