/*
 * owner.h
 *		Acting as the owner of a table.
 *
 * What an owner has put into indexes of a table runs when somebody else makes
 * partitions of it or moves its rows, and must not run with that one's rights.
 */
#ifndef CHASH_OWNER_H
#define CHASH_OWNER_H

#include "router/compat.h"

/* Who one was before. */
typedef struct chash_self
{
	Oid			user;
	int			context;
} chash_self;

extern Oid	chash_owner_of(Oid relation);

/* As for REINDEX; an error ends it too. */
extern chash_self chash_become_owner(Oid owner);
extern void chash_become_self(const chash_self *self);

#endif							/* CHASH_OWNER_H */
