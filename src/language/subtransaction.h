/*
 * subtransaction.h
 *		Trying what may fail without harm to the transaction.
 */
#ifndef CHASH_SUBTRANSACTION_H
#define CHASH_SUBTRANSACTION_H

#include "router/compat.h"

/*
 * Do something in a subtransaction.  NULL if it went well; else everything that
 * it did is undone, its locks are given back, and the error is returned,
 * palloc'd, for the caller to look at and perhaps to raise again.
 */
extern ErrorData *chash_in_subtransaction(void (*work) (void *), void *argument);

/* The same, but a cancel goes on to whoever asked for it. */
extern ErrorData *chash_in_cancelable_subtransaction(void (*work) (void *), void *argument);

#endif							/* CHASH_SUBTRANSACTION_H */
